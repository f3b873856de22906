#include "service/store/disk/offline_store.h"

#include <chrono>
#include <limits>

#include "base/log.h"
#include "base/wall_clock.h"
#include "service/store/disk/key_file.h"
#include "service/store/sealed/head.h"

namespace strongroom {
namespace {

Result<> insert(StoreFile& file, Head& head, const KeyRecord& record) {
  if (head.last_serial >= std::numeric_limits<std::int64_t>::max())
    return fail(Status::PsaErrorStorageFailure, "a row has the last serial there is");
  SealedRow row;
  row.key = record.id;
  row.state = KeyState::Present;
  row.serial = head.last_serial + 1;
  row.row = static_cast<std::int64_t>(row.serial);
  row.created = now_in_seconds().time_since_epoch().count();
  TRY(seal_row(file.sealer, record, row));
  const Sealer::Mac element = TRY(multiset_element(file.sealer, row));
  TRY(file.table.insert(row));
  head.last_serial = row.serial;
  ++head.records;
  head.rows.add(element);
  return {};
}

}  // namespace

Result<OfflineStore> OfflineStore::open(const StoreSettings& settings, MissingStore missing) {
  // A start changes more than an addition may.
  if (file_exists(settings.database)) missing = MissingStore::Refuse;
  StoreFile file = TRY(open_store_file(settings, missing));
  return OfflineStore(std::move(file));
}

Result<KeyRecordPtr> OfflineStore::find(const KeyId& id) {
  const std::optional<SealedRow> row =
      TRY(in_context(file_.table.find(id), "key '{}'", escaped(id.name)));
  if (!row) return nullptr;
  if (row->state != KeyState::Present)
    return fail(Status::PsaErrorDataCorrupt,
                fmt::format("key '{}' is being made", escaped(id.name)));
  return unseal_row(file_.sealer, *row);
}

Result<bool> OfflineStore::has_keys_of(const ProviderIdentity& provider) {
  bool has = false;
  TRY(file_.table.scan_clear([&](std::int64_t, Result<SealedRow> row) -> Result<> {
    has |= row && row->key.provider == provider &&
           row->key.application.authenticator != kServiceAuthenticator;
    return {};
  }));
  return has;
}

Result<> OfflineStore::add_all(const std::vector<KeyRecord>& records) {
  Database& database = file_.table.database();
  const Bytes stored = TRY(read_meta(database, "head"));
  Head head = TRY(in_context(unseal_head(file_.sealer, stored), "the store's head"));
  for (const KeyRecord& record : records)
    TRY(in_context(insert(file_, head, record), "adding key '{}'", escaped(record.id.name)));
  ++head.generation;
  const Bytes sealed = TRY(seal_head(file_.sealer, head));
  TRY(write_meta(database, "head", sealed));
  return database.execute("COMMIT");
}

Result<> OfflineStore::add(const std::vector<KeyRecord>& records) {
  if (records.empty()) return {};
  Database& database = file_.table.database();
  TRY(database.execute("BEGIN IMMEDIATE"));
  Result<> added = add_all(records);
  if (added || !database.is_in_transaction()) return added;
  if (const Result<> undone = database.execute("ROLLBACK"); !undone)
    log::warning("store", "{}", undone.error().message());
  return added;
}

}  // namespace strongroom
