// What a connection asks of the service behind it; the front end is the one that serves, and tests
// put others in its place.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "protocol/frame.h"
#include "service/auth/peer_identity.h"
#include "service/principals/accounts.h"
#include "service/principals/slice.h"

namespace strongroom {

class Session;

// What stands behind a connection, the same for all its requests.
struct Caller {
  PeerIdentity peer;
  std::shared_ptr<Account> account;  // to which all its requests are charged
  bool admin_socket = false;         // came in on a socket that serves administrators
  std::string tenant;                // whose socket it came in on; empty: nobody's
  std::uint64_t socket = 0;          // the listening socket's number
  // The server's own, from request to request; empty until it needs one. The connection lets go of
  // it at its end, and touches nothing of it: it belongs to the loop's thread in serve().
  mutable std::shared_ptr<Session> session = nullptr;
};

// Called at most once with the response, on whichever thread finished the work. Destroyed uncalled
// when the service stops first: then the connection closes without an answer.
using Respond = std::move_only_function<void(Response)>;

// Any thread.
class RequestServer {
 public:
  virtual ~RequestServer() = default;

  // Steps 1 to 6 of the validation order, over the bytes of a header that have arrived so far;
  // nullopt when more are needed. BodySizeExceedsLimit is step 6.
  virtual Result<std::optional<RequestHeader>> admit(ByteView arrived) const = 0;

  // Steps 8 to 22 over a complete request (step 7, reading it, is the connection's). `gone` is
  // requested once nobody waits for the answer any more. May respond before it returns; what runs
  // on the calling thread is taken out of `slice`.
  virtual void serve(Request request, const Caller& caller, Slice& slice, std::stop_token gone,
                     Respond respond) const = 0;

  // The answer to a request that failed in steps 1 to 7.
  virtual Response refuse(const Error& error, const Caller& caller) const = 0;

  // Ends what the caller's session has kept for too long. On the loop's thread, from time to time
  // while there is a session, whether requests come or not.
  virtual void expire(const Caller& /*caller*/,
                      std::chrono::steady_clock::time_point /*now*/) const {}
};

}  // namespace strongroom
