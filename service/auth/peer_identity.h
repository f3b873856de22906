// Who the kernel says is at the other end of a connection.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/error.h"
#include "service/auth/peer_process.h"
#include "service/auth/peer_processes.h"

namespace strongroom {

// As of connect(): the kernel freezes it then, whatever the process does later (unix(7),
// SO_PEERCRED). The uid is the principal to whom work is charged, whatever the request claims,
// unless the socket is a tenant's.
struct PeerIdentity {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;                   // supplementary
  std::shared_ptr<const PeerProcess> process;  // empty: whether it lives cannot be known
  std::string label;  // of the security module, see read_peer_label(); may be empty

  // Never of the group that stands for those this namespace cannot name.
  bool is_member_of(gid_t group) const noexcept;
};

// What to do with the overflow uid, which stands for a user that this namespace cannot name and so
// is nobody's identity. It is Accepted where the uid decides nothing.
enum class UnmappedUid { Refused, Accepted };

// ConnectionError when the kernel does not say; AuthenticationError for an overflow uid that is
// refused.
Result<PeerIdentity> read_peer_identity(int socket, UnmappedUid unmapped, PeerProcesses& processes);

}  // namespace strongroom
