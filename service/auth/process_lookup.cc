#include "service/auth/process_lookup.h"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fmt/format.h>

// Newer than Debian 12's headers.
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

namespace strongroom {
namespace {

constexpr long kPidfsMagic = 0x50494446;  // PID_FS_MAGIC of linux/magic.h

ProcessLookup::PeerDescriptor ask_for_peer(int socket) {
  int pidfd = -1;
  socklen_t size = sizeof pidfd;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) != 0)
    return {.pidfd = UniqueFd(), .code = errno};
  return {.pidfd = UniqueFd(pidfd), .code = 0};
}

UniqueFd open_pidfd(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

// proc(5), /proc/pid/stat: starttime is the 20th field behind the name, which ends with the last
// parenthesis, whatever the process calls itself.
std::optional<std::uint64_t> read_start(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line, '\0');
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 19; ++i)
    fields >> skipped;
  std::uint64_t started = 0;
  return fields >> started ? std::optional(started) : std::nullopt;
}

// "Uid:" is followed by real, effective, saved and file system uid.
std::optional<uid_t> read_uid(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("Uid:")) continue;
    std::istringstream fields(line.substr(4));
    uid_t real = 0;
    uid_t effective = 0;
    return fields >> real >> effective ? std::optional(effective) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<ProcessFacts> look_at(pid_t pid) {
  const std::optional<std::uint64_t> started = read_start(pid);
  const std::optional<uid_t> uid = read_uid(pid);
  if (!started || !uid) return std::nullopt;
  return ProcessFacts{.started = *started, .uid = *uid};
}

bool is_on_pidfs() {
  // A 32-bit kernel keeps the lower half of the number only.
  if (sizeof(long) < sizeof(std::uint64_t)) return false;
  const UniqueFd self = open_pidfd(::getpid());
  struct statfs system{};
  return self && ::fstatfs(self.get(), &system) == 0 && system.f_type == kPidfsMagic;
}

}  // namespace

ProcessLookup ProcessLookup::of_the_kernel() {
  return {.peer_of = ask_for_peer,
          .open = open_pidfd,
          .read_facts = look_at,
          .has_unique_inodes = is_on_pidfs()};
}

}  // namespace strongroom
