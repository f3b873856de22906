#include "service/store/keying/rekey.h"

#include <cerrno>
#include <concepts>
#include <limits>
#include <unistd.h>
#include <vector>

#include "base/errno_text.h"
#include "base/log.h"
#include "service/store/disk/key_file.h"
#include "service/store/disk/store_file.h"
#include "service/store/disk/transaction.h"
#include "service/store/head_check.h"
#include "service/store/keying/key_slots.h"
#include "service/store/keying/rollback_guard.h"
#include "service/store/sealed/sealed_row.h"

namespace strongroom {
namespace {

constexpr std::size_t kSlice = 512;

// What is replaced leaves no bytes behind in the WAL; where that fails, only once SQLite closes it.
template <std::invocable Change>
Result<> replace(Database& database, Change change) {
  TRY(in_transaction(database, std::move(change)));
  if (Result<bool> is_cut = database.truncate_wal(); !is_cut)
    log::warning("store", "cutting the WAL: {}", is_cut.error().message());
  return {};
}

Result<Bytes> wrap_for(const RecoverySecret& recovery, const Sealer& store_key) {
  WrappedStoreKey wrapped =
      TRY(wrap_store_key(recovery.reveal(), store_key, WrappedBy::RecoverySecret));
  return std::move(wrapped.wrapped);
}

// A store opened by the source of the settings.
struct Opened {
  StoreFile file;
  KeySlots slots;
};

Result<Opened> open_by_source(const StoreSettings& settings) {
  StoreFile file = TRY(open_store_file(settings, MissingStore::Refuse));
  KeySlots slots = TRY(read_key_slots(file.table.database()));
  return Opened{std::move(file), std::move(slots)};
}

Result<> check_against_head(StoreFile& file) {
  Bytes stored = TRY(read_meta(file.table.database(), "head"));
  const Head head = TRY(unseal_head(file.sealer, stored));
  HeadCheck check(HeadCheck::Pass::Seals);
  Catalogue nobodys(0);
  std::optional<HeadCheck::Verdict> verdict;
  while (!verdict)
    verdict = TRY(check.advance(file.table, file.sealer, nobodys, head));
  if (verdict->state != HeadState::Differs) return {};
  return fail(Status::KeyInfoManagerError,
              fmt::format("the store is not as the service left it: {}; see 'strongroomd --fsck'",
                          verdict->reason));
}

// Goes through all rows, sealing those that open anew, and gathers the head that they make.
class Rotation {
 public:
  Rotation(StoreFile& file, const Sealer& next) : file_(file), next_(next) {}

  Result<> run() {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    for (bool is_over = false; !is_over;) {
      std::vector<SealedRow> rows;
      auto visit = [&](const KeyTable::Scanned& scanned) {
        if (scanned.number < std::numeric_limits<std::int64_t>::max()) from = scanned.number + 1;
        return take(scanned, rows);
      };
      std::size_t seen = TRY(file_.table.scan(from, kSlice, visit));
      for (SealedRow& row : rows)
        TRY(reseal(row));
      is_over = seen < kSlice;
    }
    return {};
  }

  Head head_after(const Head& before) const {
    Head head = before;
    ++head.generation;
    head.records = rotated_.records;
    head.unreadable = rotated_.unreadable;
    head.rows = rows_;
    return head;
  }
  const Rotated& rotated() const noexcept { return rotated_; }

 private:
  Result<> take(const KeyTable::Scanned& scanned, std::vector<SealedRow>& rows) {
    ++rotated_.records;
    if (scanned.row) {
      rows.push_back(*scanned.row);
      return {};
    }
    ++rotated_.unreadable;
    Sealer::Mac element = TRY(malformed_element(next_, scanned.as_stored));
    rows_.add(element);
    return {};
  }

  Result<> reseal(SealedRow& row) {
    Result<KeyRecordPtr> record = unseal_row(file_.sealer, row);
    if (!record && record.error().status() != Status::PsaErrorDataCorrupt)
      return std::unexpected(std::move(record).error());
    if (record) {
      TRY(seal_row(next_, **record, row));
      TRY(file_.table.update(row));
    } else {
      ++rotated_.unreadable;
    }
    Sealer::Mac element = TRY(multiset_element(next_, row));
    rows_.add(element);
    return {};
  }

  StoreFile& file_;
  const Sealer& next_;
  Rotated rotated_;
  MultisetHash rows_;
};

Result<KeySlots> slots_of_rotated(const StoreSettings& settings, const Sealer& next,
                                  const RecoverySecret* recovery) {
  KeySlots slots;
  slots.current = TRY(make_key_slot(*settings.key_source, next));
  if (recovery != nullptr) slots.recovery = TRY(wrap_for(*recovery, next));
  slots.check_value = TRY(check_value_of(next));
  return slots;
}

Result<Rotated> rotate(Opened& opened, const Sealer& next, const KeySlots& slots) {
  Database& database = opened.file.table.database();
  Bytes stored = TRY(read_meta(database, "head"));
  const Head before = TRY(unseal_head(opened.file.sealer, stored));
  Rotation rotation(opened.file, next);
  auto change = [&]() -> Result<> {
    TRY(rotation.run());
    TRY(write_key_slots(database, slots));
    TRY(RollbackGuard::reseal(database, opened.file.sealer, next));
    Bytes head = TRY(seal_head(next, rotation.head_after(before)));
    return write_meta(database, "head", head);
  };
  TRY(replace(database, change));
  return rotation.rotated();
}

Result<Sealer> open_by(const RecoverySecret& recovery, const KeySlots& slots,
                       const std::string& database) {
  if (!slots.recovery)
    return fail(Status::KeyInfoManagerError,
                fmt::format("store '{}' has no recovery secret", database));
  Result<Sealer> sealer = unwrap_store_key(recovery.reveal(), {*slots.recovery, slots.check_value},
                                           WrappedBy::RecoverySecret);
  if (sealer) return sealer;
  return fail(Status::KeyInfoManagerError,
              fmt::format("the recovery secret is not that of store '{}': {}", database,
                          sealer.error().message()));
}

Result<> check_empty(Database& database, const std::string& path) {
  const std::string counting =
      fmt::format("SELECT count(*) FROM key WHERE authenticator <> {}", kServiceAuthenticator);
  Statement statement = TRY(database.prepare(counting.c_str()));
  std::ignore = TRY(statement.step());
  const std::int64_t records = statement.integer(0).value_or(0);
  if (records == 0) return {};
  return fail(Status::KeyInfoManagerError,
              fmt::format("store '{}' holds {} keys, which would be lost: destroy them first", path,
                          records));
}

Result<> retire_counter(const StoreSettings& settings) {
  if (!settings.rollback_counter || !file_exists(settings.database)) return {};
  StoreFile file = TRY(open_store_file(settings, MissingStore::Refuse));
  return RollbackGuard::retire(*settings.rollback_counter, file.table.database(), file.sealer);
}

Result<> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return fail(Status::KeyInfoManagerError, fmt::format("unlink '{}': {}", path, errno_text()));
}

}  // namespace

Result<> rekey_store(const StoreSettings& settings, StoreKeySource& target,
                     const RecoverySecret* recovery) {
  Opened opened = TRY(open_by_source(settings));
  KeySlots& slots = opened.slots;
  slots.next = TRY(make_key_slot(target, opened.file.sealer));
  if (recovery != nullptr) slots.recovery = TRY(wrap_for(*recovery, opened.file.sealer));
  Database& database = opened.file.table.database();
  return replace(database, [&] { return write_key_slots(database, slots); });
}

Result<> renew_recovery_secret(const StoreSettings& settings, const RecoverySecret& recovery) {
  Opened opened = TRY(open_by_source(settings));
  opened.slots.recovery = TRY(wrap_for(recovery, opened.file.sealer));
  Database& database = opened.file.table.database();
  return replace(database, [&] { return write_key_slots(database, opened.slots); });
}

Result<Rotated> rotate_store_key(const StoreSettings& settings, const RecoverySecret* recovery) {
  Opened opened = TRY(open_by_source(settings));
  TRY(check_against_head(opened.file));
  SecretBuffer key = TRY(generate_store_key());
  Sealer next = TRY(Sealer::with_key(std::move(key)));
  KeySlots slots = TRY(slots_of_rotated(settings, next, recovery));
  return rotate(opened, next, slots);
}

Result<bool> has_recovery_secret(const StoreSettings& settings) {
  LockedDatabase opened = TRY(open_locked_database(settings));
  KeySlots slots = TRY(read_key_slots(opened.database));
  return slots.recovery.has_value();
}

Result<> recover_store(const StoreSettings& settings, const RecoverySecret& recovery) {
  LockedDatabase opened = TRY(open_locked_database(settings));
  KeySlots slots =
      TRY(in_context(read_key_slots(opened.database), "store '{}'", settings.database));
  Sealer sealer = TRY(open_by(recovery, slots, settings.database));
  slots.current = TRY(make_key_slot(*settings.key_source, sealer));
  slots.next.reset();
  return replace(opened.database, [&] { return write_key_slots(opened.database, slots); });
}

Result<> accept_rollback(const StoreSettings& settings) {
  if (!settings.rollback_counter)
    return fail(Status::KeyInfoManagerError,
                "no rollback counter is configured: 'rollback_counter' in [store] names a TPM");
  StoreFile file = TRY(open_store_file(settings, MissingStore::Refuse));
  return RollbackGuard::accept(*settings.rollback_counter, file.table.database(), file.sealer);
}

// The database goes first: a key source beside no database is not taken for a first start.
Result<> forget_store(const StoreSettings& settings) {
  if (file_exists(settings.database)) {
    LockedDatabase opened = TRY(open_locked_database(settings));
    TRY(check_empty(opened.database, settings.database));
  }
  // One that stays is of no use and does no harm.
  if (Result<> retired = retire_counter(settings); !retired)
    log::warning("store", "giving back the rollback counter: {}", retired.error().message());
  StoreLock lock = TRY(StoreLock::take(settings.database));
  for (const char* suffix : {".creating", "", "-wal", "-shm", ".reserve"})
    TRY(remove_file(settings.database + suffix));
  TRY(sync_directory_of(settings.database));
  TRY(settings.key_source->forget());
  // A source that may have been used has not, for this machine.
  TRY(create_private_file(settings.database + ".creating"));
  return sync_directory_of(settings.database);
}

}  // namespace strongroom
