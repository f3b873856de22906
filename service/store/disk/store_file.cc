#include "service/store/disk/store_file.h"

#include <unistd.h>

#include "base/log.h"
#include "service/store/disk/key_file.h"
#include "service/store/sealed/head.h"
#include "service/store/sealed/store_key.h"

namespace strongroom {
namespace {

std::string birth_mark(const StoreSettings& settings) {
  return settings.database + ".creating";
}

// Nothing but the birth mark tells a first start that was cut short from a store that was lost.
Result<> prepare_birth(const StoreSettings& settings) {
  bool has_key = file_exists(settings.key_file);
  bool is_allowed =
      !has_key || settings.start == StoreStart::Init || file_exists(birth_mark(settings));
  if (!is_allowed)
    return fail(Status::KeyInfoManagerError,
                fmt::format("store '{}' is missing but its key file '{}' is there: restore the "
                            "database, or make an empty store with --init",
                            settings.database, settings.key_file));
  TRY(create_private_file(birth_mark(settings)));
  TRY(sync_directory_of(settings.database));
  if (!has_key) TRY(create_key_file(settings.key_file));
  TRY(create_private_file(settings.database));
  return sync_directory_of(settings.database);
}

Result<> fill(Database& database, const Sealer& sealer, const WrappedStoreKey& wrapped) {
  TRY(create_schema(database));
  TRY(write_meta(database, "wrapped_key", wrapped.wrapped));
  TRY(write_meta(database, "key_check", wrapped.check_value));
  Bytes head = TRY(seal_head(sealer, Head()));
  return write_meta(database, "head", head);
}

Result<> give_birth(Database& database, const StoreSettings& settings) {
  SecretBuffer material = TRY(read_key_file(settings.key_file));
  SecretBuffer key = TRY(generate_store_key());
  Sealer sealer = TRY(Sealer::with_key(std::move(key)));
  WrappedStoreKey wrapped = TRY(wrap_store_key(material.reveal(), sealer));
  TRY(database.execute("BEGIN IMMEDIATE"));
  TRY(fill(database, sealer, wrapped));
  TRY(database.execute("COMMIT"));
  TRY(sync_directory_of(settings.database));
  log::info("store", "made an empty store '{}'", settings.database);
  return {};
}

Result<Sealer> unlock(Database& database, const StoreSettings& settings) {
  if (!file_exists(settings.key_file))
    return fail(Status::KeyInfoManagerError, fmt::format("key file '{}' of store '{}' is missing",
                                                         settings.key_file, settings.database));
  SecretBuffer material = TRY(read_key_file(settings.key_file));
  WrappedStoreKey wrapped;
  wrapped.wrapped = TRY(read_meta(database, "wrapped_key"));
  wrapped.check_value = TRY(read_meta(database, "key_check"));
  Result<Sealer> sealer = unwrap_store_key(material.reveal(), wrapped);
  if (!sealer)
    return fail(Status::KeyInfoManagerError,
                fmt::format("key file '{}' does not open store '{}': {}", settings.key_file,
                            settings.database, sealer.error().message()));
  return sealer;
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

Result<StoreFile> open_store_file(const StoreSettings& settings, MissingStore missing) {
  StoreLock lock = TRY(StoreLock::take(settings.database));
  Database database = TRY(open_database(settings, missing));
  Sealer sealer = TRY(unlock(database, settings));
  std::string mark = birth_mark(settings);
  if (file_exists(mark) && ::unlink(mark.c_str()) == 0) TRY(sync_directory_of(mark));
  KeyTable table = TRY(KeyTable::open(std::move(database)));
  return StoreFile{std::move(lock), std::move(table), std::move(sealer)};
}

}  // namespace strongroom
