// Holds back those who need the index until it has been read.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/error.h"

namespace strongroom {

// Any thread. A failed load stays failed until a later one succeeds.
class LoadGate {
 public:
  bool is_open() const noexcept { return is_open_.load(std::memory_order_acquire); }

  void settle(const Result<>& loaded) {
    {
      std::lock_guard lock(mutex_);
      failure_ = loaded ? std::nullopt : std::optional(loaded.error());
      is_open_.store(loaded.has_value(), std::memory_order_release);
    }
    settled_.notify_all();
  }

  // Until the load has succeeded or failed.
  Result<> wait() {
    if (is_open()) return {};
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return is_open() || failure_; });
    return outcome();
  }

  // Success as well when the load is still going on after `patience`.
  Result<> wait_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    settled_.wait_for(lock, patience, [this] { return is_open() || failure_; });
    return outcome();
  }

 private:
  Result<> outcome() const {
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

  std::mutex mutex_;
  std::condition_variable settled_;
  std::optional<Error> failure_;
  std::atomic<bool> is_open_ = false;
};

}  // namespace strongroom
