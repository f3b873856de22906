#include "tests/support/in_memory_store.h"

#include <utility>

namespace strongroom::testing {

void InMemoryStore::forget_cached() {
  std::lock_guard lock(mutex_);
  for (auto& [id, entry] : entries_)
    entry.is_cached = false;
}

Result<InMemoryStore::Entry*> InMemoryStore::entry(const KeyId& id, KeyState state) {
  auto found = entries_.find(id);
  if (found == entries_.end() || found->second.state != state)
    return fail(Status::PsaErrorDoesNotExist, "no such key");
  return &found->second;
}

Result<> InMemoryStore::insert(KeyRecord record, KeyState state) {
  if (entries_.contains(record.id)) return fail(Status::PsaErrorAlreadyExists, "name is taken");
  record.serial = ++last_serial_;
  KeyId id = record.id;
  entries_.emplace(std::move(id),
                   Entry{.state = state, .record = std::make_shared<KeyRecord>(std::move(record))});
  return {};
}

Result<> InMemoryStore::remove(const KeyId& id, KeyState state) {
  TRY(entry(id, state));
  entries_.erase(id);
  return {};
}

std::optional<Result<KeyRecordPtr>> InMemoryStore::peek(const KeyId& id) {
  std::lock_guard lock(mutex_);
  Result<Entry*> known = entry(id, KeyState::Present);
  if (!known) return Result<KeyRecordPtr>(std::unexpected(known.error()));
  if (!(*known)->is_cached) return std::nullopt;
  return (*known)->record;
}

Result<KeyRecordPtr> InMemoryStore::find(const KeyId& id) {
  std::lock_guard lock(mutex_);
  Entry* known = TRY(entry(id, KeyState::Present));
  known->is_cached = true;
  return known->record;
}

Result<> InMemoryStore::check_free(const KeyId& id) {
  std::lock_guard lock(mutex_);
  if (entries_.contains(id)) return fail(Status::PsaErrorAlreadyExists, "name is taken");
  return {};
}

void InMemoryStore::create(KeyRecord record, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = insert(std::move(record), KeyState::Present);
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::destroy(const KeyId& id, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = remove(id, KeyState::Present);
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::reserve(KeyRecord record, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = insert(std::move(record), KeyState::Pending);
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::fulfil(KeyRecord record, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = remove(record.id, KeyState::Pending);
  if (done) done = insert(std::move(record), KeyState::Present);
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::release(const KeyId& id, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = remove(id, KeyState::Pending);
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::begin_destroy(const KeyId& id, Committed committed) {
  std::unique_lock lock(mutex_);
  Result<> done = {};
  if (Result<Entry*> known = entry(id, KeyState::Present)) {
    ending_.emplace((*known)->record->serial, (*known)->record);
    entries_.erase(id);
  } else {
    done = std::unexpected(known.error());
  }
  lock.unlock();
  committed(std::move(done));
}

void InMemoryStore::finish_destroy(std::uint64_t serial, Committed committed) {
  std::unique_lock lock(mutex_);
  bool was_ending = ending_.erase(serial) == 1;
  lock.unlock();
  if (was_ending) return committed({});
  committed(fail(Status::PsaErrorDoesNotExist, "no such key is being destroyed"));
}

Result<std::vector<Store::Unfinished>> InMemoryStore::unfinished(const ProviderIdentity& provider) {
  std::lock_guard lock(mutex_);
  std::vector<Unfinished> left;
  for (const auto& [id, entry] : entries_)
    if (entry.state == KeyState::Pending && id.provider == provider)
      left.push_back({.state = entry.state, .record = entry.record});
  for (const auto& [serial, record] : ending_)
    if (record->id.provider == provider)
      left.push_back({.state = KeyState::Destroying, .record = record});
  return left;
}

Result<std::vector<KeyRecordPtr>> InMemoryStore::keys_of(const ApplicationId& application) {
  std::lock_guard lock(mutex_);
  std::vector<KeyRecordPtr> keys;
  for (auto& [id, entry] : entries_) {
    if (id.application != application || entry.state != KeyState::Present) continue;
    entry.is_cached = true;
    keys.push_back(entry.record);
  }
  return keys;
}

std::optional<std::vector<KeyRecordPtr>> InMemoryStore::peek_keys_of(
    const ApplicationId& application) {
  std::lock_guard lock(mutex_);
  std::vector<KeyRecordPtr> keys;
  for (const auto& [id, entry] : entries_) {
    if (id.application != application || entry.state != KeyState::Present) continue;
    if (!entry.is_cached) return std::nullopt;
    keys.push_back(entry.record);
  }
  return keys;
}

std::vector<std::string> InMemoryStore::applications(std::uint8_t authenticator) {
  std::lock_guard lock(mutex_);
  std::set<std::string> names;
  for (const auto& [id, entry] : entries_)
    if (id.application.authenticator == authenticator) names.insert(id.application.name);
  return {names.begin(), names.end()};
}

}  // namespace strongroom::testing
