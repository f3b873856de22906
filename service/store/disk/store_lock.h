// One process at a time works on a store.
#pragma once

#include <string>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Held while it lives: flock(2) on '<database>.lock', which holds the pid of the owner as text. The
// kernel drops it with the process, so that a crash leaves nothing behind.
class StoreLock {
 public:
  // Does not wait. KeyInfoManagerError, naming the holder's pid, while another has it.
  static Result<StoreLock> take(const std::string& database);

 private:
  explicit StoreLock(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace strongroom
