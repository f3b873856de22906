#include "providers/software/keys/key_cache.h"

#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

// Another owner of the same key.
Owned<EVP_PKEY> share(EVP_PKEY* key) noexcept {
  if (key == nullptr || EVP_PKEY_up_ref(key) != 1) return nullptr;
  return Owned<EVP_PKEY>(key);
}

}  // namespace

Result<Owned<EVP_PKEY>> KeyCache::key_of(const KeyRecord& record) {
  if (Owned<EVP_PKEY> cached = find(record.serial)) return cached;
  // Not under the mutex: making a key may call drop_all() for want of secret memory.
  auto made = TRY(with_room([&] { return key_of_record(record); }));
  if (record.serial != 0) keep(record.serial, made.get());
  return made;
}

void KeyCache::destroy(std::uint64_t serial) {
  if (serial == 0 || capacity_ == 0) return;
  std::lock_guard lock(mutex_);
  Entry& entry = entry_of(serial);
  entry.key.reset();
  entry.is_destroyed = true;
}

bool KeyCache::drop_all() noexcept {
  std::lock_guard lock(mutex_);
  bool has_dropped = false;
  for (Entry& entry : entries_) {
    has_dropped |= entry.key != nullptr;
    entry.key.reset();
  }
  return has_dropped;
}

std::size_t KeyCache::size() const {
  std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Entry& entry : entries_)
    if (entry.key) ++count;
  return count;
}

Owned<EVP_PKEY> KeyCache::find(std::uint64_t serial) {
  std::lock_guard lock(mutex_);
  auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return share(found->second->key.get());
}

void KeyCache::keep(std::uint64_t serial, EVP_PKEY* key) {
  if (capacity_ == 0) return;
  std::lock_guard lock(mutex_);
  Entry& entry = entry_of(serial);
  if (!entry.is_destroyed) entry.key = share(key);
}

// Under the mutex. Makes an empty entry where there is none, at the cost of the oldest.
KeyCache::Entry& KeyCache::entry_of(std::uint64_t serial) {
  auto found = by_serial_.find(serial);
  if (found != by_serial_.end()) return *found->second;
  if (entries_.size() == capacity_) {
    by_serial_.erase(entries_.back().serial);
    entries_.pop_back();
  }
  entries_.push_front({.serial = serial, .key = nullptr});
  by_serial_.emplace(serial, entries_.begin());
  return entries_.front();
}

}  // namespace strongroom::software
