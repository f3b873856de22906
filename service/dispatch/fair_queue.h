// Work waiting for a lane, taken in turns from the principals who wait. Not synchronised: the lane
// that owns it is.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>

#include "service/principals/principal.h"

namespace strongroom {

class FairQueue {
 public:
  using Job = std::move_only_function<void()>;

  void push(const Principal& principal, Job job);
  // The next job of the principal whose turn it is; nullopt when empty.
  std::optional<Job> pop();
  bool has_waiting(const Principal& principal) const noexcept {
    return waiting_.contains(principal);
  }
  std::size_t size() const noexcept { return size_; }

 private:
  std::unordered_map<Principal, std::deque<Job>, Principal::Hash> waiting_;  // no empty ones
  std::deque<Principal> turns_;  // each waiting principal once
  std::size_t size_ = 0;
};

}  // namespace strongroom
