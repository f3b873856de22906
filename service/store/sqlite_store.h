// The key store in a SQLite file.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/store/store.h"
#include "service/store/store_settings.h"
#include "service/store/writer.h"

namespace strongroom {

// Sealed records, a sealed head over them and a wrapped store key (sealed/) in the tables of a
// database (disk/); an index in memory (catalogue.h) and one writer (writer.h, ledger.h).
//
// Threads: the writer's and the one that watches it. Readers take the catalogue's lock shared, and
// the reading connection's mutex for a record that is not in memory. The writer takes the
// catalogue's lock after a commit, and closes the reading connection after a failure of the disk.
// No lock is held while a Committed is called.
class SqliteStore final : public Store {
 public:
  // The calling thread verifies the store key; index and head follow on the writer's. Returns when
  // the index is read, or after 80 ms: until then peek() knows nothing and the others wait.
  // KeyInfoManagerError, with the cause for an operator, when the store must not be opened: in use,
  // key missing or wrong, database gone, schema unknown.
  static Result<std::unique_ptr<SqliteStore>> open(const StoreSettings& settings);
  // Commits what is queued.
  ~SqliteStore() override;

  std::optional<Result<KeyRecordPtr>> peek(const KeyId& id) override;
  Result<KeyRecordPtr> find(const KeyId& id) override;
  Result<> check_free(const KeyId& id) override;
  void create(KeyRecord record, Committed committed) override;
  void replace(KeyRecord record, Committed committed) override;
  void destroy(const KeyId& id, Committed committed) override;
  void destroy_record(const KeyRecord& key, Committed committed) override;
  void reserve(KeyRecord record, Committed committed) override;
  void fulfil(KeyRecord record, Committed committed) override;
  void release(const KeyId& id, Committed committed) override;
  void abandon(KeyRecord reserved, Abandoned abandoned) override;
  void begin_destroy(const KeyRecord& key, Committed committed) override;
  void finish_destroy(std::uint64_t serial, Committed committed) override;
  Result<std::vector<Unfinished>> unfinished(const ProviderIdentity& provider) override;
  Result<std::vector<KeyRecordPtr>> keys_of(const ApplicationId& application) override;
  std::optional<std::vector<KeyRecordPtr>> peek_keys_of(const ApplicationId& application,
                                                        std::size_t at_most) override;
  std::vector<std::string> applications(std::uint8_t authenticator) override;
  Result<bool> has_keys_of(const ProviderIdentity& provider) override;
  Result<std::vector<KeyId>> names_of(const ProviderIdentity& provider) override;
  Result<std::vector<ProviderIdentity>> providers_with_keys() override;
  StoreHealth health() override;
  void check(CheckMode mode, Checked checked) override;

  // Keys of all applications, as far as the index is read, without what the service itself keeps.
  std::size_t keys() const;

  // Gives back the secret memory of opened records: for set_secret_memory_reclaimer. False when
  // there was none. Any thread.
  bool drop_cached();

  // At a clean stop, after the last change: a copy of the store from before is an old one now
  // (keying/rollback_guard.h). Waits no longer than `patience`.
  void end_epoch(std::chrono::milliseconds patience);

  // Runs there when that thread is free, or is destroyed with the store. Any thread.
  using Task = Writer::Task;
  void post_to_watcher(Task task);

 private:
  struct Parts;
  explicit SqliteStore(std::unique_ptr<Parts> parts) noexcept;

  std::unique_ptr<Parts> parts_;
};

}  // namespace strongroom
