#include "service/store/disk/store_file.h"

#include <unistd.h>
#include <utility>

#include "base/log.h"
#include "service/store/disk/key_file.h"
#include "service/store/disk/transaction.h"
#include "service/store/keying/key_slots.h"
#include "service/store/sealed/head.h"

namespace strongroom {
namespace {

std::string birth_mark(const StoreSettings& settings) {
  return settings.database + ".creating";
}

// Nothing but the birth mark tells a first start that was cut short from a store that was lost.
Result<> prepare_birth(const StoreSettings& settings) {
  bool is_allowed = !settings.key_source->may_have_been_used() ||
                    settings.start == StoreStart::Init || file_exists(birth_mark(settings));
  if (!is_allowed)
    return fail(Status::KeyInfoManagerError,
                fmt::format("store '{}' is missing, and '{}' may be the key of one: restore the "
                            "database, or make an empty store with --init",
                            settings.database, settings.key_source->name()));
  TRY(create_private_file(birth_mark(settings)));
  TRY(sync_directory_of(settings.database));
  TRY(create_private_file(settings.database));
  return sync_directory_of(settings.database);
}

Result<> fill(Database& database, const Sealer& sealer, const KeySlots& slots) {
  TRY(create_schema(database));
  TRY(write_key_slots(database, slots));
  Bytes head = TRY(seal_head(sealer, Head()));
  return write_meta(database, "head", head);
}

Result<> give_birth(Database& database, const StoreSettings& settings) {
  SecretBuffer key = TRY(generate_store_key());
  Sealer sealer = TRY(Sealer::with_key(std::move(key)));
  KeySlots slots;
  slots.current = TRY(make_key_slot(*settings.key_source, sealer));
  slots.check_value = TRY(check_value_of(sealer));
  TRY(in_transaction(database, [&] { return fill(database, sealer, slots); }));
  TRY(sync_directory_of(settings.database));
  log::info("store", "made an empty store '{}'", settings.database);
  return {};
}

// The source that was in use opens the store no more, from the end of the transaction on.
Result<> settle_on(Database& database, KeySlots slots) {
  std::string before = std::exchange(slots.current, *std::move(slots.next)).source;
  slots.next.reset();
  TRY(in_transaction(database, [&] { return write_key_slots(database, slots); }));
  std::ignore = TRY(database.truncate_wal());
  log::warning("store", "the store is sealed by '{}' from now on; '{}' no longer opens it",
               escaped(slots.current.source), escaped(before));
  return {};
}

Result<Sealer> unlock(Database& database, const StoreSettings& settings, MissingStore missing) {
  KeySlots slots = TRY(in_context(read_key_slots(database), "store '{}'", settings.database));
  OpenedKey opened = TRY(open_key_slots(slots, *settings.key_source, settings.database));
  if (missing == MissingStore::Refuse) return std::move(opened.sealer);
  if (!slots.recovery && kind_of_source(settings.key_source->name()) == "tpm")
    log::warning("store",
                 "nothing but '{}' opens the store: 'strongroom store recovery-secret' makes "
                 "a secret for when that is lost",
                 settings.key_source->name());
  if (opened.by == OpenedBy::Current && slots.next)
    log::warning("store", "'{}' opens the store, too, and key_source does not name it",
                 escaped(slots.next->source));
  // On a full disk, say: the next start tries again.
  if (opened.by == OpenedBy::Next)
    if (Result<> settled = settle_on(database, std::move(slots)); !settled)
      log::warning("store", "making '{}' the only key source: {}", settings.key_source->name(),
                   settled.error().message());
  return std::move(opened.sealer);
}

Result<std::optional<RollbackGuard>> guard_against_rollback(Database& database,
                                                            const Sealer& sealer,
                                                            const StoreSettings& settings) {
  if (settings.rollback_counter) {
    RollbackGuard guard =
        TRY(in_context(RollbackGuard::begin(settings.rollback_counter, database, sealer),
                       "opening store '{}'", settings.database));
    return std::optional(std::move(guard));
  }
  const bool had_one = TRY(RollbackGuard::has_counter(database));
  if (had_one)
    log::warning("store",
                 "the store has a rollback counter that the configuration does not name: "
                 "nobody looks whether it is an old copy");
  return std::nullopt;
}

Result<Database> open_database(const StoreSettings& settings, MissingStore missing) {
  if (!file_exists(settings.database)) {
    if (missing == MissingStore::Refuse)
      return fail(Status::KeyInfoManagerError,
                  fmt::format("store '{}' does not exist", settings.database));
    TRY(prepare_birth(settings));
  }
  Database database = TRY(Database::open(settings.database, kPageCacheKib));
  SchemaState schema = TRY(in_context(inspect_schema(database), "store '{}'", settings.database));
  if (schema == SchemaState::Current) return database;
  if (missing == MissingStore::Refuse)
    return fail(Status::KeyInfoManagerError, fmt::format("store '{}' is empty", settings.database));
  TRY(prepare_birth(settings));
  TRY(give_birth(database, settings));
  return database;
}

}  // namespace

Result<LockedDatabase> open_locked_database(const StoreSettings& settings) {
  StoreLock lock = TRY(StoreLock::take(settings.database));
  Database database = TRY(open_database(settings, MissingStore::Refuse));
  return LockedDatabase{std::move(lock), std::move(database)};
}

Result<StoreFile> open_store_file(const StoreSettings& settings, MissingStore missing) {
  StoreLock lock = TRY(StoreLock::take(settings.database));
  Database database = TRY(open_database(settings, missing));
  Sealer sealer = TRY(unlock(database, settings, missing));
  std::optional<RollbackGuard> guard;
  if (missing == MissingStore::Create)
    guard = TRY(guard_against_rollback(database, sealer, settings));
  std::string mark = birth_mark(settings);
  if (file_exists(mark) && ::unlink(mark.c_str()) == 0) TRY(sync_directory_of(mark));
  KeyTable table = TRY(KeyTable::open(std::move(database)));
  return StoreFile{std::move(lock), std::move(table), std::move(sealer), std::move(guard)};
}

}  // namespace strongroom
