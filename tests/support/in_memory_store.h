// A Store for tests: no disk, no threads, the same answers as the real one.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "service/store/store.h"

namespace strongroom::testing {

// Any thread. A change is done, and its Committed called, within the call. Passes the store suite
// of tests/unit/store.
class InMemoryStore final : public Store {
 public:
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

  // What the real store does with a record that does not verify.
  void make_unreadable(const KeyId& id);
  // From now on, as a disk would.
  void fail_to_find(const KeyId& id, Status status);
  // Like a record that is not in memory: peek() gives nullopt until find() has been asked.
  void forget_cached(const KeyId& id);
  // As the real store is for a moment after a start, and when somebody has changed its rows.
  void set_health(StoreHealth health);
  // Every later change fails with this; Success ends that.
  void fail_changes_with(Status status);
  // Changes are done, but not answered.
  void hold_answers();
  std::size_t held_answers();
  // Answers what is held, on this thread, and gives how many that were; what these lead to is held.
  std::size_t give_held_answers();

 private:
  struct Entry {
    KeyState state;
    KeyRecordPtr record;
    bool is_unreadable = false;
    bool is_cached = true;
  };

  // With the mutex held.
  Result<KeyRecordPtr> locate(const KeyId& id) const;
  Result<std::map<KeyId, Entry>::iterator> locate_for_change(const KeyId& id, KeyState state,
                                                             std::uint64_t serial = 0);
  Result<> insert(KeyRecord record, KeyState state);
  Result<> remove(const KeyId& id, KeyState state, std::uint64_t serial = 0);
  std::vector<KeyRecordPtr> present_keys_of(const ApplicationId& application) const;
  template <typename Change>
  void answer(Committed committed, Change change);

  std::mutex mutex_;
  std::map<KeyId, Entry> keys_;
  std::map<std::uint64_t, KeyRecordPtr> destroying_;
  std::uint64_t last_serial_ = 0;
  StoreHealth health_;
  Status change_failure_ = Status::Success;
  std::map<KeyId, Status> finding_failures_;
  bool holds_answers_ = false;
  std::size_t accepted_ = 0;  // records that do not verify
  std::vector<std::pair<Committed, Result<>>> held_;
};

}  // namespace strongroom::testing
