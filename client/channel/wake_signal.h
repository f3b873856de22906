// Wakes whoever polls for a client.
#pragma once

#include <atomic>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace strongroom::client {

// raise() and raise_for_stop() may be called from any thread, the rest from the one that polls.
class WakeSignal {
 public:
  WakeSignal() noexcept : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  bool is_open() const noexcept { return static_cast<bool>(event_); }
  int descriptor() const noexcept { return event_.get(); }

  // The descriptor is readable until it is drained.
  void raise() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] ssize_t size = ::write(event_.get(), &one, sizeof one);
  }
  void drain() const noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] ssize_t size = ::read(event_.get(), &count, sizeof count);
  }

  // A call's stop was requested.
  void raise_for_stop() noexcept {
    has_stops_.store(true, std::memory_order_release);
    raise();
  }
  bool take_stops() noexcept {
    return has_stops_.load(std::memory_order_relaxed) &&
           has_stops_.exchange(false, std::memory_order_acquire);
  }

  // The descriptor is not ours any more: the process is another one.
  void disown() noexcept { event_.release(); }

 private:
  UniqueFd event_;
  std::atomic<bool> has_stops_ = false;
};

}  // namespace strongroom::client
