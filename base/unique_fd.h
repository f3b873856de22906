// Owns one file descriptor.
#pragma once

#include <unistd.h>
#include <utility>

namespace strongroom {

class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  // close() is not retried: on Linux the descriptor is gone whatever it returns.
  ~UniqueFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept { UniqueFd(std::exchange(fd_, -1)); }

 private:
  int fd_ = -1;
};

}  // namespace strongroom
