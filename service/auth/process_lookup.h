// How the kernel is asked about processes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <sys/types.h>

#include "base/unique_fd.h"

namespace strongroom {

// What proc(5) says of a process: /proc/PID/stat and /proc/PID/status.
struct ProcessFacts {
  std::uint64_t started = 0;  // clock ticks since boot; with the number it tells processes apart
  uid_t uid = 0;              // effective

  bool operator==(const ProcessFacts&) const = default;
};

// The kernel's answers, unless a test has its own.
struct ProcessLookup {
  // What SO_PEERPIDFD gives, or why it does not: ENOPROTOOPT before Linux 6.5.
  struct PeerDescriptor {
    UniqueFd pidfd;
    int code = 0;
  };
  std::function<PeerDescriptor(int socket)> peer_of;
  // pidfd_open(2); empty when there is no such process, or no descriptor for it.
  std::function<UniqueFd(pid_t pid)> open;
  std::function<std::optional<ProcessFacts>(pid_t pid)> read_facts;
  // Whether each process has an inode of its own on pidfs, never used again (since Linux 6.9).
  bool has_unique_inodes = false;

  static ProcessLookup of_the_kernel();
};

}  // namespace strongroom
