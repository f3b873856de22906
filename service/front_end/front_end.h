// From one request to one response: the checks in the order the protocol fixes, authentication,
// dispatch. The only place where an Error becomes an answer, and where a request is logged.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "protocol/frame.h"
#include "service/auth/authenticator.h"
#include "service/dispatch/dispatcher.h"

namespace strongroom {

// What stands behind a connection, the same for all its requests.
struct Caller {
  PeerIdentity peer;
  bool admin_socket = false;  // came in on a socket that serves administrators
};

// Called exactly once with the response, on whichever thread finished the work.
using Respond = std::move_only_function<void(Response)>;

// Immutable after construction; any thread.
class FrontEnd {
 public:
  struct Settings {
    std::uint32_t body_limit = 1024 * 1024;  // bytes, inclusive
    std::vector<uid_t> admin_uids;
    std::vector<gid_t> admin_groups;
  };

  // Authenticators in the order clients should try them. `dispatcher` outlives this.
  FrontEnd(Settings settings, std::vector<std::unique_ptr<Authenticator>> authenticators,
           Dispatcher& dispatcher);
  ~FrontEnd();

  // Steps 1 to 6 of the validation order, over the bytes of a header that have arrived so far;
  // nullopt when more are needed. BodySizeExceedsLimit is step 6.
  Result<std::optional<RequestHeader>> admit(ByteView arrived) const;

  // Steps 8 to 22 over a complete request (step 7, reading it, is the connection's). `gone` is
  // requested once nobody waits for the answer any more. May respond before it returns.
  void serve(Request request, const Caller& caller, std::stop_token gone, Respond respond) const;

  // The answer to a request that failed in steps 1 to 7.
  static Response refusal(const Error& error);

 private:
  struct Admission;
  struct Check;

  Settings settings_;
  std::vector<std::unique_ptr<Authenticator>> authenticators_;
  Dispatcher& dispatcher_;
};

}  // namespace strongroom
