// A RequestServer that does what a test says.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "service/dispatch/parts/open_operations.h"
#include "service/front_end/request_server.h"

namespace strongroom::testing {

// Admits like the real one, with a limit of its own; answers refusals with a blank header. Without
// a script it echoes: the response's body is body and auth of the request.
class ScriptedServer final : public RequestServer {
 public:
  using Script = std::function<void(Request, std::stop_token, Respond)>;

  explicit ScriptedServer(Script script = echo) : script_(std::move(script)) {}

  static Response response_to(const Request& request) {
    Response response;
    response.header.session = request.header.session;
    response.header.opcode = request.header.opcode;
    response.body = request.body;
    response.body.insert(response.body.end(), request.auth.begin(), request.auth.end());
    return response;
  }
  static void echo(Request request, const std::stop_token& /*gone*/, Respond respond) {
    respond(response_to(request));
  }

  Result<std::optional<RequestHeader>> admit(ByteView arrived) const override {
    auto header = decode_request_header(arrived);
    if (header && *header && (*header)->body_size > kBodyLimit)
      return fail(Status::BodySizeExceedsLimit, "body");
    return header;
  }
  void serve(Request request, const Caller& caller, Slice& /*slice*/, std::stop_token gone,
             Respond respond) const override {
    {
      std::lock_guard lock(mutex_);
      callers_.push_back(caller);
    }
    if (gives_sessions) caller.session = std::make_shared<Session>();
    script_(std::move(request), std::move(gone), std::move(respond));
  }
  Response refuse(const Error& error, const Caller& /*caller*/) const override {
    Response response;
    response.header.status = static_cast<std::uint16_t>(error.status());
    return response;
  }

  void expire(const Caller& /*caller*/,
              std::chrono::steady_clock::time_point /*now*/) const override {
    ++expiries;
  }

  std::atomic<bool> gives_sessions = false;
  mutable std::atomic<int> expiries = 0;  // calls

  // Of the requests served so far.
  std::vector<Caller> callers() const {
    std::lock_guard lock(mutex_);
    return callers_;
  }

  static constexpr std::uint32_t kBodyLimit = 1024 * 1024;

 private:
  Script script_;
  mutable std::mutex mutex_;
  mutable std::vector<Caller> callers_;
};

}  // namespace strongroom::testing
