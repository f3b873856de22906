#include "service/store/record_cache.h"

namespace strongroom {
namespace {

// The record, its nodes in list and map, and what the heap adds to each allocation.
constexpr std::size_t kOverhead = sizeof(KeyRecord) + 256;

std::size_t bytes_of(const KeyRecord& record) {
  return kOverhead + record.material.size() + record.public_key.size() + record.id.name.size() +
         record.id.application.name.size() + record.id.provider.instance.size();
}

}  // namespace

KeyRecordPtr RecordCache::find(std::uint64_t serial) {
  std::lock_guard lock(mutex_);
  auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return order_.front();
}

void RecordCache::put(KeyRecordPtr record) {
  std::lock_guard lock(mutex_);
  if (auto found = by_serial_.find(record->serial); found != by_serial_.end()) drop(found->second);
  bytes_ += bytes_of(*record);
  order_.push_front(std::move(record));
  by_serial_[order_.front()->serial] = order_.begin();
  while (bytes_ > limit_bytes_ && !order_.empty())
    drop(std::prev(order_.end()));
}

void RecordCache::drop(std::uint64_t serial) {
  std::lock_guard lock(mutex_);
  if (auto found = by_serial_.find(serial); found != by_serial_.end()) drop(found->second);
}

void RecordCache::drop(Order::iterator position) {
  bytes_ -= bytes_of(**position);
  by_serial_.erase((*position)->serial);
  order_.erase(position);
}

bool RecordCache::clear() {
  std::lock_guard lock(mutex_);
  bool had_any = !order_.empty();
  by_serial_.clear();
  order_.clear();
  bytes_ = 0;
  return had_any;
}

}  // namespace strongroom
