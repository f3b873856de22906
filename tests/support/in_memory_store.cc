#include "tests/support/in_memory_store.h"

#include "base/wall_clock.h"

namespace strongroom::testing {

template <typename Change>
void InMemoryStore::answer(Committed committed, Change change) {
  Result<> result;
  {
    std::lock_guard lock(mutex_);
    if (change_failure_ == Status::Success)
      result = change();
    else
      result = fail(change_failure_, "store was told to fail");
    if (holds_answers_) {
      held_.emplace_back(std::move(committed), std::move(result));
      return;
    }
  }
  committed(std::move(result));
}

Result<KeyRecordPtr> InMemoryStore::locate(const KeyId& id) const {
  auto found = keys_.find(id);
  if (found == keys_.end() || found->second.state != KeyState::Present)
    return fail(Status::PsaErrorDoesNotExist, "no such key");
  if (found->second.is_unreadable)
    return fail(Status::PsaErrorDataCorrupt, "record does not verify");
  return found->second.record;
}

std::optional<Result<KeyRecordPtr>> InMemoryStore::peek(const KeyId& id) {
  std::lock_guard lock(mutex_);
  auto found = keys_.find(id);
  if (found != keys_.end() && !found->second.is_cached) return std::nullopt;
  return locate(id);
}

Result<KeyRecordPtr> InMemoryStore::find(const KeyId& id) {
  std::lock_guard lock(mutex_);
  if (auto failing = finding_failures_.find(id); failing != finding_failures_.end())
    return fail(failing->second, "disk I/O error");
  if (auto found = keys_.find(id); found != keys_.end()) found->second.is_cached = true;
  return locate(id);
}

Result<> InMemoryStore::check_free(const KeyId& id) {
  std::lock_guard lock(mutex_);
  if (keys_.contains(id)) return fail(Status::PsaErrorAlreadyExists, "name is taken");
  return {};
}

Result<> InMemoryStore::insert(KeyRecord record, KeyState state) {
  if (keys_.contains(record.id)) return fail(Status::PsaErrorAlreadyExists, "name is taken");
  record.serial = ++last_serial_;
  if (record.created == std::chrono::sys_seconds()) record.created = now_in_seconds();
  KeyId id = record.id;
  keys_[id] = {state, std::make_shared<KeyRecord>(std::move(record))};
  return {};
}

Result<std::map<KeyId, InMemoryStore::Entry>::iterator> InMemoryStore::locate_for_change(
    const KeyId& id, KeyState state, std::uint64_t serial) {
  auto found = keys_.find(id);
  if (found == keys_.end() || found->second.state != state ||
      (serial != 0 && found->second.record->serial != serial))
    return fail(Status::PsaErrorDoesNotExist, "no such key");
  if (found->second.is_unreadable)
    return fail(Status::PsaErrorDataCorrupt, "record does not verify");
  return found;
}

Result<> InMemoryStore::remove(const KeyId& id, KeyState state, std::uint64_t serial) {
  auto found = TRY(locate_for_change(id, state, serial));
  keys_.erase(found);
  return {};
}

void InMemoryStore::create(KeyRecord record, Committed committed) {
  answer(std::move(committed), [&] { return insert(std::move(record), KeyState::Present); });
}

void InMemoryStore::replace(KeyRecord record, Committed committed) {
  answer(std::move(committed), [&]() -> Result<> {
    const auto before = keys_.find(record.id);
    if (before != keys_.end() && before->second.state == KeyState::Present)
      TRY(remove(record.id, KeyState::Present));
    return insert(std::move(record), KeyState::Present);
  });
}

void InMemoryStore::destroy(const KeyId& id, Committed committed) {
  answer(std::move(committed), [&] { return remove(id, KeyState::Present); });
}

void InMemoryStore::destroy_record(const KeyRecord& key, Committed committed) {
  answer(std::move(committed), [&] { return remove(key.id, KeyState::Present, key.serial); });
}

void InMemoryStore::reserve(KeyRecord record, Committed committed) {
  answer(std::move(committed), [&] { return insert(std::move(record), KeyState::Pending); });
}

void InMemoryStore::fulfil(KeyRecord record, Committed committed) {
  answer(std::move(committed), [&]() -> Result<> {
    auto found = TRY(locate_for_change(record.id, KeyState::Pending));
    record.serial = found->second.record->serial;
    record.created = found->second.record->created;
    found->second = {KeyState::Present, std::make_shared<KeyRecord>(std::move(record))};
    return {};
  });
}

void InMemoryStore::release(const KeyId& id, Committed committed) {
  answer(std::move(committed), [&] { return remove(id, KeyState::Pending); });
}

void InMemoryStore::abandon(KeyRecord reserved, Abandoned abandoned) {
  const auto record = std::make_shared<KeyRecord>(std::move(reserved));
  Committed committed = [record, abandoned = std::move(abandoned)](Result<> done) mutable {
    if (!done) return abandoned(std::unexpected(std::move(done).error()));
    abandoned(KeyRecordPtr(record));
  };
  answer(std::move(committed), [&]() -> Result<> {
    auto found = TRY(locate_for_change(record->id, KeyState::Pending));
    if (found->second.record->material != record->material)
      return fail(Status::PsaErrorDoesNotExist, "another reservation");
    record->serial = found->second.record->serial;
    record->attributes = found->second.record->attributes;
    record->created = found->second.record->created;
    destroying_[record->serial] = found->second.record;
    keys_.erase(found);
    return {};
  });
}

void InMemoryStore::begin_destroy(const KeyRecord& key, Committed committed) {
  answer(std::move(committed), [&]() -> Result<> {
    auto found = TRY(locate_for_change(key.id, KeyState::Present, key.serial));
    destroying_[found->second.record->serial] = found->second.record;
    keys_.erase(found);
    return {};
  });
}

void InMemoryStore::finish_destroy(std::uint64_t serial, Committed committed) {
  answer(std::move(committed), [&]() -> Result<> {
    if (destroying_.erase(serial) == 1) return {};
    return fail(Status::PsaErrorDoesNotExist, "no such key is being destroyed");
  });
}

Result<std::vector<Store::Unfinished>> InMemoryStore::unfinished(const ProviderIdentity& provider) {
  std::lock_guard lock(mutex_);
  std::vector<Unfinished> result;
  for (const auto& [id, entry] : keys_)
    if (entry.state == KeyState::Pending && id.provider == provider && !entry.is_unreadable)
      result.push_back({KeyState::Pending, entry.record});
  for (const auto& [serial, record] : destroying_)
    if (record->id.provider == provider) result.push_back({KeyState::Destroying, record});
  return result;
}

std::vector<KeyRecordPtr> InMemoryStore::present_keys_of(const ApplicationId& application) const {
  std::vector<KeyRecordPtr> records;
  for (const auto& [id, entry] : keys_)
    if (id.application == application && entry.state == KeyState::Present && !entry.is_unreadable)
      records.push_back(entry.record);
  return records;
}

Result<std::vector<KeyRecordPtr>> InMemoryStore::keys_of(const ApplicationId& application) {
  std::lock_guard lock(mutex_);
  return present_keys_of(application);
}

std::optional<std::vector<KeyRecordPtr>> InMemoryStore::peek_keys_of(
    const ApplicationId& application, std::size_t at_most) {
  std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : keys_)
    if (id.application == application && !entry.is_cached) return std::nullopt;
  std::vector<KeyRecordPtr> keys = present_keys_of(application);
  if (keys.size() > at_most) return std::nullopt;
  return keys;
}

std::vector<std::string> InMemoryStore::applications(std::uint8_t authenticator) {
  std::lock_guard lock(mutex_);
  std::set<std::string> names;
  for (const auto& [id, entry] : keys_)
    if (id.application.authenticator == authenticator && entry.state == KeyState::Present &&
        !entry.is_unreadable)
      names.insert(id.application.name);
  return {names.begin(), names.end()};
}

Result<bool> InMemoryStore::has_keys_of(const ProviderIdentity& provider) {
  std::lock_guard lock(mutex_);
  const auto is_of_provider = [&](const KeyId& id) {
    return id.provider == provider && id.application.authenticator != kServiceAuthenticator;
  };
  return std::ranges::any_of(keys_, [&](const auto& key) { return is_of_provider(key.first); }) ||
         std::ranges::any_of(destroying_,
                             [&](const auto& key) { return is_of_provider(key.second->id); });
}

Result<std::vector<KeyId>> InMemoryStore::names_of(const ProviderIdentity& provider) {
  std::lock_guard lock(mutex_);
  std::vector<KeyId> result;
  for (const auto& [id, entry] : keys_)
    if (id.provider == provider && entry.state == KeyState::Present &&
        id.application.authenticator != kServiceAuthenticator)
      result.push_back(id);
  return result;
}

Result<std::vector<ProviderIdentity>> InMemoryStore::providers_with_keys() {
  std::lock_guard lock(mutex_);
  std::set<ProviderIdentity> providers;
  const auto add = [&](const KeyId& id) {
    if (id.application.authenticator != kServiceAuthenticator) providers.insert(id.provider);
  };
  for (const auto& [id, entry] : keys_)
    add(id);
  for (const auto& [serial, record] : destroying_)
    add(record->id);
  return std::vector(providers.begin(), providers.end());
}

void InMemoryStore::set_health(StoreHealth health) {
  std::lock_guard lock(mutex_);
  health_ = std::move(health);
}

StoreHealth InMemoryStore::health() {
  std::lock_guard lock(mutex_);
  StoreHealth health = health_;
  for (const auto& [id, entry] : keys_)
    if (entry.is_unreadable) ++health.unreadable_records;
  health.is_degraded = health.unreadable_records != accepted_;
  if (health.is_degraded) health.reason = "records do not verify";
  return health;
}

void InMemoryStore::check(CheckMode mode, Checked checked) {
  auto shared = std::make_shared<CheckReport>();
  {
    CheckReport& report = *shared;
    std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : keys_) {
      ++report.records;
      if (entry.is_unreadable)
        report.findings.push_back({Finding::Kind::Unreadable, id, 0, id.name});
      else
        ++report.verified;
    }
    report.is_accepted = mode == CheckMode::Accept;
    if (report.is_accepted) accepted_ = report.records - report.verified;
  }
  checked(std::move(shared));
}

void InMemoryStore::make_unreadable(const KeyId& id) {
  std::lock_guard lock(mutex_);
  if (auto found = keys_.find(id); found != keys_.end()) found->second.is_unreadable = true;
}

void InMemoryStore::fail_to_find(const KeyId& id, Status status) {
  std::lock_guard lock(mutex_);
  finding_failures_[id] = status;
}

void InMemoryStore::forget_cached(const KeyId& id) {
  std::lock_guard lock(mutex_);
  if (auto found = keys_.find(id); found != keys_.end()) found->second.is_cached = false;
}

void InMemoryStore::fail_changes_with(Status status) {
  std::lock_guard lock(mutex_);
  change_failure_ = status;
}

void InMemoryStore::hold_answers() {
  std::lock_guard lock(mutex_);
  holds_answers_ = true;
}

std::size_t InMemoryStore::held_answers() {
  std::lock_guard lock(mutex_);
  return held_.size();
}

std::size_t InMemoryStore::give_held_answers() {
  std::vector<std::pair<Committed, Result<>>> held;
  {
    std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  for (auto& [committed, result] : held)
    committed(std::move(result));
  return held.size();
}

}  // namespace strongroom::testing
