// Opened records, the least recently used dropped first.
#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <unordered_map>

#include "providers/key_record.h"

namespace strongroom {

// Bounded by the bytes of its records, counting each with its own overhead. Holders of a dropped
// record keep theirs; its secret is wiped with the last of them. Any thread.
class RecordCache {
 public:
  explicit RecordCache(std::size_t limit_bytes) noexcept : limit_bytes_(limit_bytes) {}

  KeyRecordPtr find(std::uint64_t serial);
  void put(KeyRecordPtr record);
  void drop(std::uint64_t serial);
  // Whether there was anything to drop.
  bool clear();

 private:
  using Order = std::list<KeyRecordPtr>;
  void drop(Order::iterator position);

  std::mutex mutex_;
  const std::size_t limit_bytes_;
  std::size_t bytes_ = 0;
  Order order_;  // most recently used first
  std::unordered_map<std::uint64_t, Order::iterator> by_serial_;
};

}  // namespace strongroom
