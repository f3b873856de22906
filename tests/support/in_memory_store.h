// A Store without a disk, for tests of what stands above it. Commits at once, on the caller's
// thread; passes the same suite as the real one.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "service/store/store.h"

namespace strongroom::testing {

class InMemoryStore final : public Store {
 public:
  // From now on every record has to be read once before peek() knows it.
  void forget_cached();

  std::optional<Result<KeyRecordPtr>> peek(const KeyId& id) override;
  Result<KeyRecordPtr> find(const KeyId& id) override;
  Result<> check_free(const KeyId& id) override;
  void create(KeyRecord record, Committed committed) override;
  void destroy(const KeyId& id, Committed committed) override;
  void reserve(KeyRecord record, Committed committed) override;
  void fulfil(KeyRecord record, Committed committed) override;
  void release(const KeyId& id, Committed committed) override;
  void begin_destroy(const KeyId& id, Committed committed) override;
  void finish_destroy(std::uint64_t serial, Committed committed) override;
  Result<std::vector<Unfinished>> unfinished(const ProviderIdentity& provider) override;
  Result<std::vector<KeyRecordPtr>> keys_of(const ApplicationId& application) override;
  std::optional<std::vector<KeyRecordPtr>> peek_keys_of(const ApplicationId& application) override;
  std::vector<std::string> applications(std::uint8_t authenticator) override;
  StoreHealth health() override { return {}; }

 private:
  struct Entry {
    KeyState state;
    KeyRecordPtr record;
    bool is_cached = true;
  };

  Result<> insert(KeyRecord record, KeyState state);
  Result<Entry*> entry(const KeyId& id, KeyState state);
  Result<> remove(const KeyId& id, KeyState state);

  std::mutex mutex_;  // guards all below
  std::uint64_t last_serial_ = 0;
  std::map<KeyId, Entry> entries_;                // present and pending
  std::map<std::uint64_t, KeyRecordPtr> ending_;  // destroying, by serial
};

}  // namespace strongroom::testing
