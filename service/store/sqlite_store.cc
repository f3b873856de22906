#include "service/store/sqlite_store.h"

#include <future>
#include <system_error>
#include <thread>

#include "base/log.h"
#include "service/store/disk/store_file.h"
#include "service/store/ledger.h"

namespace strongroom {
namespace {

constexpr std::chrono::milliseconds kLoadPatience(80);

std::unexpected<Error> no_such_key(const KeyId& id) {
  return fail(Status::PsaErrorDoesNotExist, fmt::format("key '{}'", escaped(id.name)));
}

std::unexpected<Error> unreadable_key(const KeyId& id) {
  return fail(Status::PsaErrorDataCorrupt,
              fmt::format("record of key '{}' does not verify", escaped(id.name)));
}

// Whether the index goes on showing a key whose row is gone. After a destroy it stops within
// microseconds of the commit that the reader saw; after a deletion by another's hand it does not.
bool stays_listed(Catalogue& catalogue, const KeyId& id, const Catalogue::Entry& entry) {
  for (int round = 0; round < 100; ++round) {
    std::optional<Catalogue::Located> now = catalogue.find(id);
    if (!now || now->entry.serial != entry.serial || now->entry.state != entry.state) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

// What a list tells of a key: all but its secret.
KeyRecordPtr without_material(const KeyRecord& record) {
  auto listed = std::make_shared<KeyRecord>();
  listed->id = record.id;
  listed->attributes = record.attributes;
  listed->public_key = record.public_key;
  listed->serial = record.serial;
  listed->created = record.created;
  return listed;
}

}  // namespace

// In the order of dependence: the writer ends first, the lock is given back last.
struct SqliteStore::Parts {
  Parts(const StoreSettings& settings, StoreFile file)
      : lock(std::move(file.lock)),
        sealer(std::move(file.sealer)),
        catalogue(settings.cache_bytes),
        reader(settings.database),
        ledger(settings.database, std::move(file.table), std::move(file.guard),
               {sealer, catalogue, condition, gate, reader}),
        writer(ledger, settings.store_timeout) {}

  // KeyInfoManagerError when the writer cannot start its threads.
  static Result<std::unique_ptr<Parts>> make(const StoreSettings& settings, StoreFile file);

  // The record of an entry of the index. PsaErrorDoesNotExist when the key has left that state,
  // PsaErrorDataCorrupt, and a mark, when its row does not verify.
  Result<KeyRecordPtr> read(const KeyId& id, const Catalogue::Entry& entry);
  Result<KeyRecordPtr> quarantine(const KeyId& id, std::uint64_t serial);

  StoreLock lock;
  const Sealer sealer;
  Catalogue catalogue;
  Condition condition;
  LoadGate gate;
  RecordReader reader;
  Ledger ledger;
  Writer writer;
};

Result<std::unique_ptr<SqliteStore::Parts>> SqliteStore::Parts::make(const StoreSettings& settings,
                                                                     StoreFile file) {
  try {
    return std::make_unique<Parts>(settings, std::move(file));
  } catch (const std::system_error& error) {
    return fail(Status::KeyInfoManagerError,
                fmt::format("store: cannot start a thread: {}", error.code().message()));
  }
}

Result<KeyRecordPtr> SqliteStore::Parts::read(const KeyId& id, const Catalogue::Entry& entry) {
  Result<std::optional<SealedRow>> row = reader.read(entry.row);
  if (!row && row.error().status() != Status::PsaErrorDataCorrupt)
    return std::unexpected(std::move(row).error());
  if (row && !*row && !stays_listed(catalogue, id, entry)) return no_such_key(id);
  if (!row || !*row || (*row)->key != id || (*row)->serial != entry.serial)
    return quarantine(id, entry.serial);
  Result<KeyRecordPtr> record = unseal_row(sealer, **row);
  if (!record && record.error().status() == Status::PsaErrorDataCorrupt)
    return quarantine(id, entry.serial);
  // A change of state that the index does not show yet.
  if (record && (*row)->state != entry.state) return no_such_key(id);
  return record;
}

Result<KeyRecordPtr> SqliteStore::Parts::quarantine(const KeyId& id, std::uint64_t serial) {
  if (catalogue.mark_unreadable(id, serial)) {
    condition.note_unreadable();
    log::error("store", "record of key '{}' does not verify; it is left as it is",
               escaped(id.name));
  }
  return unreadable_key(id);
}

SqliteStore::SqliteStore(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const StoreSettings& settings) {
  StoreFile file = TRY(open_store_file(settings, MissingStore::Create));
  std::unique_ptr<Parts> parts = TRY(Parts::make(settings, std::move(file)));
  TRY(in_context(parts->gate.wait_for(kLoadPatience), "reading store '{}'", settings.database));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(parts)));
}

std::optional<Result<KeyRecordPtr>> SqliteStore::peek(const KeyId& id) {
  if (!parts_->gate.is_open()) return std::nullopt;
  std::optional<Catalogue::Located> located = parts_->catalogue.find(id);
  if (!located || located->entry.state != KeyState::Present) return no_such_key(id);
  if (located->entry.is_unreadable) return unreadable_key(id);
  if (!located->record) return std::nullopt;
  return std::move(located->record);
}

Result<KeyRecordPtr> SqliteStore::find(const KeyId& id) {
  TRY(parts_->gate.wait());
  if (std::optional<Result<KeyRecordPtr>> known = peek(id)) return *std::move(known);
  std::optional<Catalogue::Located> located = parts_->catalogue.find(id);
  if (!located) return no_such_key(id);
  KeyRecordPtr record = TRY(parts_->read(id, located->entry));
  parts_->catalogue.remember(record);
  return record;
}

Result<> SqliteStore::check_free(const KeyId& id) {
  if (!parts_->gate.is_open()) return {};
  if (parts_->condition.is_stuck())
    return fail(Status::KeyInfoManagerError, "the outcome of an earlier change is not known yet");
  if (!parts_->catalogue.find(id)) return {};
  return fail(Status::PsaErrorAlreadyExists, fmt::format("key '{}'", escaped(id.name)));
}

void SqliteStore::create(KeyRecord record, Committed committed) {
  parts_->writer.submit(
      InsertKey{std::make_shared<KeyRecord>(std::move(record)), KeyState::Present},
      std::move(committed));
}

void SqliteStore::replace(KeyRecord record, Committed committed) {
  parts_->writer.submit(ReplaceKey{std::make_shared<KeyRecord>(std::move(record))},
                        std::move(committed));
}

void SqliteStore::destroy(const KeyId& id, Committed committed) {
  parts_->writer.submit(RemoveKey{id, KeyState::Present}, std::move(committed));
}

void SqliteStore::destroy_record(const KeyRecord& key, Committed committed) {
  parts_->writer.submit(RemoveKey{key.id, KeyState::Present, key.serial}, std::move(committed));
}

void SqliteStore::reserve(KeyRecord record, Committed committed) {
  parts_->writer.submit(
      InsertKey{std::make_shared<KeyRecord>(std::move(record)), KeyState::Pending},
      std::move(committed));
}

void SqliteStore::fulfil(KeyRecord record, Committed committed) {
  parts_->writer.submit(FulfilKey{std::make_shared<KeyRecord>(std::move(record))},
                        std::move(committed));
}

void SqliteStore::release(const KeyId& id, Committed committed) {
  parts_->writer.submit(RemoveKey{id, KeyState::Pending}, std::move(committed));
}

void SqliteStore::abandon(KeyRecord reserved, Abandoned abandoned) {
  const auto record = std::make_shared<KeyRecord>(std::move(reserved));
  parts_->writer.submit(AbandonKey{record},
                        [record, abandoned = std::move(abandoned)](Result<> done) mutable {
                          if (!done) return abandoned(std::unexpected(std::move(done).error()));
                          abandoned(KeyRecordPtr(record));
                        });
}

void SqliteStore::begin_destroy(const KeyRecord& key, Committed committed) {
  parts_->writer.submit(BeginDestroyKey{key.id, key.serial}, std::move(committed));
}

void SqliteStore::finish_destroy(std::uint64_t serial, Committed committed) {
  parts_->writer.submit(FinishDestroyKey{serial}, std::move(committed));
}

Result<std::vector<Store::Unfinished>> SqliteStore::unfinished(const ProviderIdentity& provider) {
  TRY(parts_->gate.wait());
  std::vector<Unfinished> result;
  for (const auto& [id, entry] : parts_->catalogue.unfinished(provider)) {
    if (entry.is_unreadable) continue;
    Result<KeyRecordPtr> record = parts_->read(id, entry);
    if (record)
      result.push_back({entry.state, *std::move(record)});
    else if (record.error().status() != Status::PsaErrorDataCorrupt &&
             record.error().status() != Status::PsaErrorDoesNotExist)
      return std::unexpected(std::move(record).error());
  }
  return result;
}

Result<std::vector<KeyRecordPtr>> SqliteStore::keys_of(const ApplicationId& application) {
  TRY(parts_->gate.wait());
  std::vector<KeyRecordPtr> records;
  for (const auto& [id, entry] : parts_->catalogue.present_keys_of(application)) {
    Result<KeyRecordPtr> record = find(id);
    if (record)
      records.push_back(without_material(**record));
    else if (record.error().status() != Status::PsaErrorDataCorrupt &&
             record.error().status() != Status::PsaErrorDoesNotExist)
      return std::unexpected(std::move(record).error());
  }
  return records;
}

std::optional<std::vector<KeyRecordPtr>> SqliteStore::peek_keys_of(const ApplicationId& application,
                                                                   std::size_t at_most) {
  if (!parts_->gate.is_open()) return std::nullopt;
  std::vector<KeyRecordPtr> records;
  const auto present = parts_->catalogue.present_keys_of(application, at_most + 1);
  if (present.size() > at_most) return std::nullopt;
  for (const auto& [id, entry] : present) {
    std::optional<Result<KeyRecordPtr>> record = peek(id);
    if (!record) return std::nullopt;
    if (*record) records.push_back(**std::move(record));
  }
  return records;
}

std::vector<std::string> SqliteStore::applications(std::uint8_t authenticator) {
  if (!parts_->gate.wait()) return {};
  return parts_->catalogue.applications(authenticator);
}

Result<bool> SqliteStore::has_keys_of(const ProviderIdentity& provider) {
  TRY(parts_->gate.wait());
  return parts_->catalogue.has_keys_of(provider);
}

Result<std::vector<KeyId>> SqliteStore::names_of(const ProviderIdentity& provider) {
  TRY(parts_->gate.wait());
  return parts_->catalogue.names_of(provider);
}

Result<std::vector<ProviderIdentity>> SqliteStore::providers_with_keys() {
  TRY(parts_->gate.wait());
  return parts_->catalogue.providers_with_keys();
}

StoreHealth SqliteStore::health() {
  Condition::Snapshot now = parts_->condition.snapshot();
  StoreHealth health;
  health.unreadable_records = parts_->catalogue.unreadable();
  health.is_checking = now.head == HeadState::Unverified;
  health.is_altered = now.head == HeadState::Differs;
  auto add = [&health](bool is_so, std::string_view reason) {
    if (!is_so) return;
    health.is_degraded = true;
    if (!health.reason.empty()) health.reason += "; ";
    health.reason += reason;
  };
  add(now.head == HeadState::Differs, now.head_reason);
  add(now.has_new_unreadable, fmt::format("{} records do not verify", health.unreadable_records));
  add(!now.write_failure.empty(), now.write_failure);
  add(now.is_stuck, "a commit does not finish");
  add(!now.counter_failure.empty(), now.counter_failure);
  return health;
}

std::size_t SqliteStore::keys() const {
  return parts_->catalogue.size();
}

void SqliteStore::check(CheckMode mode, Checked checked) {
  parts_->writer.post_to_writer([this, mode, checked = std::move(checked)]() mutable {
    parts_->ledger.ask_for_check(mode, std::move(checked));
  });
}

bool SqliteStore::drop_cached() {
  return parts_->catalogue.drop_cached();
}

void SqliteStore::end_epoch(std::chrono::milliseconds patience) {
  auto ended = std::make_shared<std::promise<void>>();
  parts_->writer.post_to_writer([this, ended] {
    parts_->ledger.end_epoch();
    ended->set_value();
  });
  if (ended->get_future().wait_for(patience) != std::future_status::ready)
    log::warning("store", "ending the epoch takes too long");
}

void SqliteStore::post_to_watcher(Task task) {
  parts_->writer.post_to_watcher(std::move(task));
}

}  // namespace strongroom
