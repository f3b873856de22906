// Who a connection belongs to.
#pragma once

#include <sys/types.h>
#include <unistd.h>

namespace strongroom::client {

struct ProcessIdentity {
  pid_t pid;
  uid_t euid;
  bool operator==(const ProcessIdentity&) const = default;

  static ProcessIdentity current() noexcept { return {.pid = ::getpid(), .euid = ::geteuid()}; }
};

}  // namespace strongroom::client
