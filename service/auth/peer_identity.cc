#include "service/auth/peer_identity.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sys/socket.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

constexpr uid_t kUsualOverflowUid = 65534;

uid_t read_overflow_uid() {
  std::ifstream file("/proc/sys/kernel/overflowuid");
  uid_t uid = kUsualOverflowUid;
  file >> uid;
  return file ? uid : kUsualOverflowUid;
}

Result<ucred> read_credentials(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return fail(Status::ConnectionError, fmt::format("getsockopt SO_PEERCRED: {}", errno_text()));
  return credentials;
}

Result<std::vector<gid_t>> read_groups(int socket) {
  std::vector<gid_t> groups(32);
  while (true) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    int code = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
    bool is_complete = code == 0;
    if (!is_complete && errno != ERANGE)
      return fail(Status::ConnectionError,
                  fmt::format("getsockopt SO_PEERGROUPS: {}", errno_text()));
    groups.resize(size / sizeof(gid_t));
    if (is_complete) return groups;
  }
}

}  // namespace

bool PeerIdentity::is_member_of(gid_t group) const noexcept {
  return gid == group || std::ranges::find(groups, group) != groups.end();
}

Result<PeerIdentity> read_peer_identity(int socket) {
  static const uid_t overflow_uid = read_overflow_uid();
  ucred credentials = TRY(read_credentials(socket));
  if (credentials.uid == overflow_uid)
    return fail(Status::AuthenticationError,
                fmt::format("peer's uid {} is the overflow uid", credentials.uid));
  std::vector<gid_t> groups = TRY(read_groups(socket));
  return PeerIdentity{
      .pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid, .groups = groups};
}

}  // namespace strongroom
