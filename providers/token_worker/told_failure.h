// What the log was told last of why no worker starts.
#pragma once

#include <mutex>
#include <string>

namespace strongroom::token_worker {

// A token that is away is tried every few seconds: the same is told once, until a worker has
// started. Outlives the pools of a provider, which are made anew with what they know of a token.
// For any thread.
class ToldFailure {
 public:
  // False for what was told before; true once.
  bool is_news(const std::string& failure) {
    const std::lock_guard lock(mutex_);
    if (failure == told_) return false;
    told_ = failure;
    return true;
  }
  void is_over() {
    const std::lock_guard lock(mutex_);
    told_.clear();
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::string told_;
};

}  // namespace strongroom::token_worker
