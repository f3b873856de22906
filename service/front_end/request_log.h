// One log line a request, written where its outcome is known.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/frame.h"
#include "service/dispatch/call.h"
#include "service/dispatch/operation.h"
#include "service/front_end/request_server.h"

namespace strongroom {

// Follows one request from arrival to answer. Owned by one thread at a time.
class RequestLog {
 public:
  RequestLog(const RequestHeader& header, const Caller& caller);

  void admitted(const Operation& operation, const std::optional<ApplicationId>& application);

  // Successes are debug lines; failures that the client caused are info, those the service caused
  // are warnings.
  template <typename T>
  void finish(const Result<T>& result) const {
    if (result)
      succeeded();
    else
      failed(result.error());
  }

 private:
  void succeeded() const;
  void failed(const Error& error) const;
  std::string line(Status status) const;

  std::chrono::steady_clock::time_point arrived_ = std::chrono::steady_clock::now();
  std::uint64_t number_;
  Principal principal_;
  std::uint8_t provider_;
  std::uint32_t opcode_;
  std::string_view operation_;  // empty until admitted
  std::string application_;
};

// A request that failed before it was complete.
void log_refusal(const Error& error, const Caller& caller);

}  // namespace strongroom
