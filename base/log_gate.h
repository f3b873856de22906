// Keeps a condition that lasts from filling the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace strongroom {

// Lets one event a second through. Any thread.
class LogGate {
 public:
  using Clock = std::chrono::steady_clock;

  // nullopt when this event is not to be logged; else how many were not since the last that was.
  std::optional<std::size_t> pass(Clock::time_point now = Clock::now()) {
    std::lock_guard lock(mutex_);
    if (last_ && now - *last_ < std::chrono::seconds(1)) {
      ++held_back_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(held_back_, 0);
  }

 private:
  std::mutex mutex_;
  std::optional<Clock::time_point> last_;
  std::size_t held_back_ = 0;
};

}  // namespace strongroom
