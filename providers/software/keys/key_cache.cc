#include "providers/software/keys/key_cache.h"

#include <algorithm>

#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {

PreparedContext shared_context(Owned<EVP_PKEY_CTX> context, SharedKey key) {
  // The deleter goes, and with it the share of the key, after the context.
  auto release = [key = std::move(key)](EVP_PKEY_CTX* last) { OpensslRelease()(last); };
  return {context.release(), std::move(release)};
}

Result<SharedKey> KeyCache::key_of(const KeyRecord& record) {
  if (SharedKey cached = cached_key(record.serial)) return cached;
  // Not under the mutex: making a key may call drop_all() for want of secret memory.
  auto native = TRY(with_room([&] { return key_of_record(record); }));
  SharedKey made = std::move(native);
  if (record.serial != 0) keep(record.serial, made);
  return made;
}

PreparedContext KeyCache::prepared_for(const KeyRecord& record, const SignatureUse& use) {
  std::lock_guard lock(mutex_);
  Entry* entry = find(record.serial);
  if (entry == nullptr) return nullptr;
  auto found = std::ranges::find(entry->prepared, use, &Prepared::use);
  return found == entry->prepared.end() ? nullptr : found->context;
}

void KeyCache::keep_prepared(const KeyRecord& record, const SignatureUse& use,
                             PreparedContext context) {
  std::lock_guard lock(mutex_);
  Entry* entry = find(record.serial);
  if (entry == nullptr || !entry->key) return;
  auto& prepared = entry->prepared;
  if (std::ranges::find(prepared, use, &Prepared::use) != prepared.end()) return;
  if (prepared.size() == kPreparedPerKey) prepared.erase(prepared.begin());
  prepared.push_back({use, std::move(context)});
}

void KeyCache::destroy(std::uint64_t serial) {
  if (serial == 0 || capacity_ == 0) return;
  std::lock_guard lock(mutex_);
  Entry& entry = entry_of(serial);
  entry.let_go();
  entry.is_destroyed = true;
}

bool KeyCache::drop_all() noexcept {
  std::lock_guard lock(mutex_);
  bool has_dropped = false;
  for (Entry& entry : entries_) {
    has_dropped |= entry.key != nullptr;
    entry.let_go();
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

void KeyCache::Entry::let_go() noexcept {
  prepared = {};
  key.reset();
}

SharedKey KeyCache::cached_key(std::uint64_t serial) {
  std::lock_guard lock(mutex_);
  Entry* entry = find(serial);
  return entry == nullptr ? nullptr : entry->key;
}

// Under the mutex. Makes the entry the latest; null where there is none.
KeyCache::Entry* KeyCache::find(std::uint64_t serial) {
  auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &*found->second;
}

void KeyCache::keep(std::uint64_t serial, const SharedKey& key) {
  if (capacity_ == 0) return;
  std::lock_guard lock(mutex_);
  Entry& entry = entry_of(serial);
  if (!entry.is_destroyed) entry.key = key;
}

// Under the mutex. Makes an empty entry where there is none, at the cost of the oldest.
KeyCache::Entry& KeyCache::entry_of(std::uint64_t serial) {
  auto found = by_serial_.find(serial);
  if (found != by_serial_.end()) return *found->second;
  if (entries_.size() == capacity_) {
    by_serial_.erase(entries_.back().serial);
    entries_.pop_back();
  }
  entries_.push_front({.serial = serial, .key = nullptr, .prepared = {}});
  by_serial_.emplace(serial, entries_.begin());
  return entries_.front();
}

}  // namespace strongroom::software
