// From one request to one response: the checks in the order the protocol fixes, authentication,
// dispatch. The only place where an Error becomes an answer, and where a request is logged.
#pragma once

#include <memory>
#include <optional>
#include <sys/types.h>
#include <vector>

#include "service/auth/authenticator.h"
#include "service/dispatch/dispatcher.h"
#include "service/front_end/request_server.h"

namespace strongroom {

class Answerer;

// Immutable after construction; any thread.
class FrontEnd final : public RequestServer {
 public:
  struct Settings {
    std::uint32_t body_limit = 1024 * 1024;  // bytes, inclusive
    std::vector<uid_t> admin_uids;
    std::vector<gid_t> admin_groups;
    bool admin_on_any_socket = false;  // except tenants'
    // Who administers nothing, listed or not: a user that others than people act as.
    std::optional<uid_t> never_admin{};
  };

  // Authenticators in the order clients should try them.
  FrontEnd(Settings settings, std::vector<std::unique_ptr<Authenticator>> authenticators,
           std::shared_ptr<const Dispatcher> dispatcher);

  Result<std::optional<RequestHeader>> admit(ByteView arrived) const override;
  void serve(Request request, const Caller& caller, Slice& slice, std::stop_token gone,
             Respond respond) const override;
  Response refuse(const Error& error, const Caller& caller) const override;
  void expire(const Caller& caller, std::chrono::steady_clock::time_point now) const override;

 private:
  void check_and_run(Request request, const Caller& caller, Slice& slice, std::stop_token gone,
                     Answerer answerer) const;

  Settings settings_;
  std::vector<std::unique_ptr<Authenticator>> authenticators_;
  std::shared_ptr<const Dispatcher> dispatcher_;
};

}  // namespace strongroom
