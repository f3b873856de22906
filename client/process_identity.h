// Who a connection belongs to.
#pragma once

#include <cstdint>
#include <sys/types.h>
#include <unistd.h>

namespace strongroom::client {

// Number and count of forks together: a child may have the number of its parent (pid_namespaces(7))
// or of a process that is gone.
struct Process {
  pid_t pid;
  std::uint64_t forks;  // grows from each process to its children
  bool operator==(const Process&) const = default;

  // Takes no lock, so that it may be called in a child of a process with threads.
  static Process current() noexcept;
};

struct ProcessIdentity {
  Process process;
  uid_t euid;
  bool operator==(const ProcessIdentity&) const = default;

  static ProcessIdentity current() noexcept {
    return {.process = Process::current(), .euid = ::geteuid()};
  }
};

}  // namespace strongroom::client
