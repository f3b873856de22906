// A store that is not served, for those who add keys to it all at once.
#pragma once

#include <optional>
#include <vector>

#include "service/store/disk/store_file.h"

namespace strongroom {

// Holds the store's lock. Belongs to one thread.
class OfflineStore {
 public:
  // As fsck opens it; with Create, as a first start makes it where there is none.
  static Result<OfflineStore> open(const StoreSettings& settings, MissingStore missing);

  // Null for a name that is free. PsaErrorDataCorrupt for one that is taken by a record that does
  // not verify, or by a key that is being made.
  Result<KeyRecordPtr> find(const KeyId& id);

  // Whether there are keys of the provider in any state; what the service itself keeps is none.
  Result<bool> has_keys_of(const ProviderIdentity& provider);

  // All of them or none, in one transaction. PsaErrorAlreadyExists for a name that is taken,
  // PsaErrorDataCorrupt for a store whose head does not verify.
  Result<> add(const std::vector<KeyRecord>& records);

 private:
  explicit OfflineStore(StoreFile file) noexcept : file_(std::move(file)) {}
  Result<> add_all(const std::vector<KeyRecord>& records);

  StoreFile file_;
};

}  // namespace strongroom
