#include "service/store/catalogue.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>

namespace strongroom {

std::size_t Catalogue::NameHash::operator()(const LocalName& name) const noexcept {
  return std::hash<std::string_view>()(name.name) ^ name.provider;
}

std::size_t Catalogue::ApplicationHash::operator()(
    const ApplicationId& application) const noexcept {
  return std::hash<std::string>()(application.name) ^ application.authenticator;
}

std::optional<std::uint32_t> Catalogue::provider_number(const ProviderIdentity& provider) const {
  auto found = std::ranges::find(providers_, provider);
  if (found == providers_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - providers_.begin());
}

std::uint32_t Catalogue::provider_number_or_new(const ProviderIdentity& provider) {
  if (std::optional<std::uint32_t> number = provider_number(provider)) return *number;
  providers_.push_back(provider);
  return static_cast<std::uint32_t>(providers_.size() - 1);
}

Catalogue::Entry* Catalogue::locate(const KeyId& key) {
  std::optional<std::uint32_t> provider = provider_number(key.provider);
  auto names = applications_.find(key.application);
  if (!provider || names == applications_.end()) return nullptr;
  auto found = names->second.find(LocalName{*provider, key.name});
  return found == names->second.end() ? nullptr : &found->second;
}

std::optional<Catalogue::Located> Catalogue::find(const KeyId& key) {
  std::shared_lock lock(mutex_);
  const Entry* entry = locate(key);
  if (entry == nullptr) return std::nullopt;
  bool is_usable = entry->state == KeyState::Present && !entry->is_unreadable;
  return Located{*entry, is_usable ? cache_.find(entry->serial) : nullptr};
}

std::vector<Catalogue::Named> Catalogue::present_keys_of(const ApplicationId& application,
                                                         std::size_t at_most) {
  std::vector<Named> keys;
  std::shared_lock lock(mutex_);
  auto names = applications_.find(application);
  if (names == applications_.end()) return keys;
  for (const auto& [name, entry] : names->second) {
    if (keys.size() == at_most) break;
    if (entry.state == KeyState::Present && !entry.is_unreadable)
      keys.push_back({{application, providers_[name.provider], name.name}, entry});
  }
  return keys;
}

std::vector<Catalogue::Named> Catalogue::unfinished(const ProviderIdentity& provider) {
  std::vector<Named> keys;
  std::shared_lock lock(mutex_);
  for (const auto& [application, names] : applications_)
    for (const auto& [name, entry] : names)
      if (entry.state == KeyState::Pending && providers_[name.provider] == provider)
        keys.push_back({{application, provider, name.name}, entry});
  for (const auto& [serial, named] : destroying_)
    if (named.key.provider == provider) keys.push_back(named);
  return keys;
}

std::vector<std::string> Catalogue::applications(std::uint8_t authenticator) {
  std::vector<std::string> result;
  auto is_owned = [](const auto& name) {
    return name.second.state == KeyState::Present && !name.second.is_unreadable;
  };
  {
    std::shared_lock lock(mutex_);
    for (const auto& [application, names] : applications_)
      if (application.authenticator == authenticator && std::ranges::any_of(names, is_owned))
        result.push_back(application.name);
  }
  std::ranges::sort(result);
  return result;
}

std::size_t Catalogue::unreadable() {
  std::shared_lock lock(mutex_);
  return unreadable_;
}

bool Catalogue::has_names_of(std::uint32_t provider) const {
  const auto is_of_provider = [&](const auto& name) { return name.first.provider == provider; };
  return std::ranges::any_of(applications_, [&](const auto& owner) {
    return owner.first.authenticator != kServiceAuthenticator &&
           std::ranges::any_of(owner.second, is_of_provider);
  });
}

bool Catalogue::has_keys_of(const ProviderIdentity& provider) {
  std::shared_lock lock(mutex_);
  const std::optional<std::uint32_t> number = provider_number(provider);
  return (number && has_names_of(*number)) ||
         std::ranges::any_of(destroying_, [&](const auto& destroying) {
           return destroying.second.key.provider == provider;
         });
}

std::vector<KeyId> Catalogue::names_of(const ProviderIdentity& provider) {
  std::vector<KeyId> result;
  std::shared_lock lock(mutex_);
  const std::optional<std::uint32_t> number = provider_number(provider);
  if (!number) return result;
  for (const auto& [application, names] : applications_) {
    if (application.authenticator == kServiceAuthenticator) continue;
    for (const auto& [name, entry] : names)
      if (name.provider == *number && entry.state == KeyState::Present)
        result.push_back({application, provider, name.name});
  }
  return result;
}

std::vector<ProviderIdentity> Catalogue::providers_with_keys() {
  std::shared_lock lock(mutex_);
  std::set<ProviderIdentity> found;
  for (std::uint32_t number = 0; number < providers_.size(); ++number)
    if (has_names_of(number)) found.insert(providers_[number]);
  for (const auto& [serial, named] : destroying_)
    found.insert(named.key.provider);
  return {found.begin(), found.end()};
}

std::size_t Catalogue::size() {
  std::shared_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [application, names] : applications_)
    if (application.authenticator != kServiceAuthenticator) count += names.size();
  return count;
}

void Catalogue::apply(const std::vector<Change>& changes) {
  std::unique_lock lock(mutex_);
  for (const Change& change : changes)
    apply(change);
}

void Catalogue::apply(const Change& change) {
  switch (change.kind) {
    case Change::Kind::Put: {
      std::uint32_t provider = provider_number_or_new(change.key.provider);
      Names& names = applications_[change.key.application];
      names.insert_or_assign(OwnedName{provider, change.key.name}, change.entry);
      if (change.record) cache_.put(change.record);
      break;
    }
    case Change::Kind::Remove: remove(change.key); break;
    case Change::Kind::PutDestroying:
      remove(change.key);
      destroying_[change.entry.serial] = {change.key, change.entry};
      break;
    case Change::Kind::RemoveDestroying: destroying_.erase(change.entry.serial); break;
  }
}

void Catalogue::remove(const KeyId& key) {
  const Entry* entry = locate(key);
  if (entry == nullptr) return;
  cache_.drop(entry->serial);
  auto names = applications_.find(key.application);
  names->second.erase(names->second.find(LocalName{*provider_number(key.provider), key.name}));
  if (names->second.empty()) applications_.erase(names);
}

void Catalogue::replace(Catalogue& next) {
  std::unique_lock lock(mutex_);
  std::swap(applications_, next.applications_);
  std::swap(providers_, next.providers_);
  std::swap(destroying_, next.destroying_);
  unreadable_ = next.unreadable_;
  cache_.clear();
}

void Catalogue::add(const SealedRow& row) {
  Entry entry = {row.row, row.serial, row.state, false};
  std::unique_lock lock(mutex_);
  if (row.state == KeyState::Destroying) {
    destroying_[row.serial] = {row.key, entry};
    return;
  }
  std::uint32_t provider = provider_number_or_new(row.key.provider);
  auto [place, is_new] =
      applications_[row.key.application].try_emplace(OwnedName{provider, row.key.name}, entry);
  if (is_new || place->second.is_unreadable) return;
  place->second.is_unreadable = true;
  ++unreadable_;
}

void Catalogue::add_illegible() {
  std::unique_lock lock(mutex_);
  ++unreadable_;
}

void Catalogue::remember(const KeyRecordPtr& record) {
  std::shared_lock lock(mutex_);
  const Entry* entry = locate(record->id);
  if (entry == nullptr || entry->serial != record->serial || entry->state != KeyState::Present)
    return;
  cache_.put(record);
}

bool Catalogue::mark_unreadable(const KeyId& key, std::uint64_t serial) {
  std::unique_lock lock(mutex_);
  Entry* entry = locate(key);
  if (entry == nullptr || entry->serial != serial || entry->is_unreadable) return false;
  entry->is_unreadable = true;
  ++unreadable_;
  cache_.drop(serial);
  return true;
}

}  // namespace strongroom
