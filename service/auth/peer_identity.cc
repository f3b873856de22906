#include "service/auth/peer_identity.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sys/socket.h>

#include "base/errno_text.h"
#include "service/auth/peer_label.h"

namespace strongroom {
namespace {

constexpr id_t kUsualOverflowId = 65534;

id_t read_overflow_id(const char* path) {
  std::ifstream file(path);
  id_t id = kUsualOverflowId;
  return file >> id ? id : kUsualOverflowId;
}

uid_t overflow_uid() {
  static const uid_t uid = read_overflow_id("/proc/sys/kernel/overflowuid");
  return uid;
}
gid_t overflow_gid() {
  static const gid_t gid = read_overflow_id("/proc/sys/kernel/overflowgid");
  return gid;
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
  if (group == overflow_gid()) return false;
  return gid == group || std::ranges::find(groups, group) != groups.end();
}

Result<PeerIdentity> read_peer_identity(int socket, UnmappedUid unmapped,
                                        PeerProcesses& processes) {
  const ucred credentials = TRY(read_credentials(socket));
  if (credentials.uid == overflow_uid() && unmapped == UnmappedUid::Refused)
    return fail(Status::AuthenticationError,
                fmt::format("peer's uid {} is the overflow uid", credentials.uid));
  auto groups = TRY(read_groups(socket));
  auto label = TRY(read_peer_label(socket));
  return PeerIdentity{.pid = credentials.pid,
                      .uid = credentials.uid,
                      .gid = credentials.gid,
                      .groups = std::move(groups),
                      .process = processes.process_of(socket, credentials),
                      .label = std::move(label)};
}

}  // namespace strongroom
