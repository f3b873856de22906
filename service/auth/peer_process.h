// Whether the process behind a connection is still there.
#pragma once

#include "base/unique_fd.h"

namespace strongroom {

// Whether the process of a pidfd has: once all its threads have ended, reaped or not; also when the
// kernel does not say.
bool has_exited(int pidfd) noexcept;

// The process that connected, held by a descriptor of its own (pidfd_open(2)): a number that is
// given to another process later is never taken for it. Any thread.
class PeerProcess {
 public:
  explicit PeerProcess(UniqueFd pidfd) noexcept : pidfd_(std::move(pidfd)) {}

  bool has_exited() const noexcept { return strongroom::has_exited(pidfd_.get()); }

 private:
  const UniqueFd pidfd_;
};

}  // namespace strongroom
