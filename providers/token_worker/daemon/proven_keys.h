// Keys whose private half has been seen to go with the public one.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_set>

#include "providers/key_record.h"

namespace strongroom::token_worker {

// For any thread. Not more than a few thousand; the others are proven again.
class ProvenKeys {
 public:
  bool has(const KeyRecord& key) const {
    const std::lock_guard lock(mutex_);
    return serials_.contains(key.serial);
  }
  // One that is not stored has no serial to be known by.
  void add(const KeyRecord& key) {
    if (key.serial == 0) return;
    const std::lock_guard lock(mutex_);
    if (serials_.size() >= kMost) serials_.clear();
    serials_.insert(key.serial);
  }

 private:
  static constexpr std::size_t kMost = 4096;

  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> serials_;
};

}  // namespace strongroom::token_worker
