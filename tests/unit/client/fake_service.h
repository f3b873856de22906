// A service in the test's own process: a socket in a temporary directory, and a thread that answers
// each connection as the test says.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "protocol/frame.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {

// Bound and listening.
UniqueFd listen_at(const std::string& path);

// What a well-behaved service sends back.
Bytes success(const Request& request, std::string_view body = "");
Bytes refusal(const Request& request, Status status);

template <typename Message>
Bytes success_with(const Request& request, const Message& message) {
  return success(request, message.SerializeAsString());
}

class FakeService {
 public:
  // From a whole request to the bytes that go back; then the connection is closed.
  using Answer = std::function<Bytes(const Request&)>;

  explicit FakeService(Answer answer);
  ~FakeService();

  std::string socket_path() const { return directory_ / "service.sock"; }
  // In the order of their arrival.
  std::vector<Request> requests() const;

 private:
  void serve(const std::stop_token& stop);
  void serve_one(const UniqueFd& connection);

  TemporaryDirectory directory_;
  Answer answer_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  UniqueFd listener_;
  std::jthread thread_;
};

}  // namespace strongroom::testing
