// Who the kernel says is at the other end of a connection.
#pragma once

#include <memory>
#include <sys/types.h>
#include <vector>

#include "base/error.h"
#include "service/auth/peer_process.h"

namespace strongroom {

// As of connect(): the kernel freezes it then, whatever the process does later (unix(7),
// SO_PEERCRED). The uid is the principal to whom work is charged, whatever the request claims.
struct PeerIdentity {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;                        // supplementary
  std::shared_ptr<const PeerProcess> process = {};  // empty: whether it lives cannot be known

  bool is_member_of(gid_t group) const noexcept;
};

// ConnectionError when the kernel does not say; AuthenticationError for the overflow uid, which
// stands for a user that this namespace cannot name and so is nobody's identity.
Result<PeerIdentity> read_peer_identity(int socket);

}  // namespace strongroom
