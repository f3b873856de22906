// What the store knows of its keys without reading the disk.
#pragma once

#include <limits>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/store/record_cache.h"
#include "service/store/sealed/sealed_row.h"

namespace strongroom {

// Index of the clear columns, about 250 bytes a key, and the cache of opened records. Many readers
// or one writer (the store's writer thread); no lock is held while calling out. A record is in the
// cache only while the index has its serial as present, so that a destroyed key's secret goes with
// its entry.
class Catalogue {
 public:
  struct Entry {
    std::int64_t row;
    std::uint64_t serial;
    KeyState state;  // Present or Pending; what is being destroyed has no name
    bool is_unreadable;
  };
  struct Located {
    Entry entry;
    KeyRecordPtr record;  // null when it is not in memory
  };
  struct Named {
    KeyId key;
    Entry entry;
  };
  // What a transaction did, in order.
  struct Change {
    enum class Kind { Put, Remove, PutDestroying, RemoveDestroying };
    Kind kind;
    KeyId key;
    Entry entry;
    KeyRecordPtr record;  // of a present key: goes into the cache
  };

  explicit Catalogue(std::size_t cache_bytes) : cache_(cache_bytes) {}

  std::optional<Located> find(const KeyId& key);
  std::vector<Named> present_keys_of(const ApplicationId& application,
                                     std::size_t at_most = std::numeric_limits<std::size_t>::max());
  // Pending and destroying.
  std::vector<Named> unfinished(const ProviderIdentity& provider);
  std::vector<std::string> applications(std::uint8_t authenticator);
  std::size_t unreadable();
  // In any state.
  bool has_keys_of(const ProviderIdentity& provider);
  // Of present keys.
  std::vector<KeyId> names_of(const ProviderIdentity& provider);
  std::vector<ProviderIdentity> providers_with_keys();
  // Names in use, of all applications but the service's own.
  std::size_t size();

  void apply(const std::vector<Change>& changes);
  // Forgets everything and takes `next`.
  void replace(Catalogue& next);

  // A row of the file at start. Two rows of one name: neither can be told to be right, the name
  // becomes unreadable. A row without a legible name is counted.
  void add(const SealedRow& row);
  void add_illegible();

  // Keeps an opened record, unless its key has changed meanwhile.
  void remember(const KeyRecordPtr& record);
  // True when that was news.
  bool mark_unreadable(const KeyId& key, std::uint64_t serial);
  bool drop_cached() { return cache_.clear(); }

 private:
  struct LocalName {
    std::uint32_t provider;
    std::string_view name;
  };
  struct OwnedName {
    std::uint32_t provider;
    std::string name;
    LocalName view() const noexcept { return {provider, name}; }
  };
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(const LocalName& name) const noexcept;
    std::size_t operator()(const OwnedName& name) const noexcept { return (*this)(name.view()); }
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const noexcept {
      return a.provider == b.provider && a.name == b.name;
    }
  };
  struct ApplicationHash {
    std::size_t operator()(const ApplicationId& application) const noexcept;
  };
  using Names = std::unordered_map<OwnedName, Entry, NameHash, NameEqual>;

  // All with the mutex held.
  bool has_names_of(std::uint32_t provider) const;
  std::optional<std::uint32_t> provider_number(const ProviderIdentity& provider) const;
  std::uint32_t provider_number_or_new(const ProviderIdentity& provider);
  Entry* locate(const KeyId& key);
  void apply(const Change& change);
  void remove(const KeyId& key);

  std::shared_mutex mutex_;  // guards what follows; the cache has its own
  std::unordered_map<ApplicationId, Names, ApplicationHash> applications_;
  std::vector<ProviderIdentity> providers_;  // a few: as many as were ever configured
  std::unordered_map<std::uint64_t, Named> destroying_;
  std::size_t unreadable_ = 0;
  RecordCache cache_;
};

}  // namespace strongroom
