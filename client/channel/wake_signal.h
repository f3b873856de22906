// Wakes whoever polls for a client.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "client/process_identity.h"

namespace strongroom::client {

// A pipe, whose ends, unlike an eventfd, have an inode of their own (DescriptorList). While it is
// open raise() and raise_for_stop() may be called from any thread, the rest from the one that
// polls.
class WakeSignal {
 public:
  // Yields an errno, or 0.
  int open() noexcept {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return errno;
    read_end_ = UniqueFd(ends[0]);
    write_end_ = UniqueFd(ends[1]);
    return 0;
  }
  // When there is no call that may raise it.
  void close() noexcept {
    read_end_.reset();
    write_end_.reset();
  }
  bool is_open() const noexcept { return static_cast<bool>(read_end_); }
  // What it is polled by, and what it is raised by.
  int descriptor() const noexcept { return read_end_.get(); }
  int raising_descriptor() const noexcept { return write_end_.get(); }

  // The descriptor is readable until it is drained.
  void raise() const noexcept { [[maybe_unused]] ssize_t size = ::write(write_end_.get(), "", 1); }
  void drain() const noexcept {
    std::array<char, 512> bytes{};
    const auto size = static_cast<ssize_t>(bytes.size());
    while (::read(read_end_.get(), bytes.data(), bytes.size()) == size) {
    }
  }

  // A call's stop was requested; in a child of fork() that is nothing to us.
  void raise_for_stop() noexcept {
    if (process_ != Process::current()) return;
    has_stops_.store(true, std::memory_order_release);
    raise();
  }
  bool take_stops() noexcept {
    return has_stops_.load(std::memory_order_relaxed) &&
           has_stops_.exchange(false, std::memory_order_acquire);
  }

 private:
  const Process process_ = Process::current();
  UniqueFd read_end_;
  UniqueFd write_end_;
  std::atomic<bool> has_stops_ = false;
};

}  // namespace strongroom::client
