#include "service/store/disk/sqlite_database.h"

#include <sqlite3.h>

#include "base/log.h"

namespace strongroom {
namespace {

Status status_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY: return Status::PsaErrorAlreadyExists;
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_FULL: return Status::PsaErrorInsufficientStorage;
    case SQLITE_NOMEM: return Status::PsaErrorInsufficientMemory;
    default: return Status::KeyInfoManagerError;
  }
}

// An empty view is an empty string, not NULL.
const void* non_null(const void* data) {
  return data == nullptr ? "" : data;
}

}  // namespace

Error sqlite_error(std::string_view doing, int code, std::source_location where) {
  return Error(status_of(code),
               fmt::format("{}: sqlite {:#x} ({})", doing, code, sqlite3_errstr(code)), where);
}

void Statement::Release::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind_blob(int parameter, ByteView value) {
  sqlite3_bind_blob64(statement_.get(), parameter, non_null(value.data()), value.size(),
                      SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), parameter, static_cast<const char*>(non_null(value.data())),
                      value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::step() {
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  int extended = sqlite3_extended_errcode(sqlite3_db_handle(statement_.get()));
  reset();
  if (code == SQLITE_DONE) return false;
  return std::unexpected(sqlite_error("sqlite3_step", extended));
}

Result<> Statement::run() {
  for (bool more = TRY(step()); more;)
    more = TRY(step());
  return {};
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::optional<std::int64_t> Statement::integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<ByteView> Statement::blob(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) return std::nullopt;
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return ByteView(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::optional<std::string_view> Statement::text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) return std::nullopt;
  const void* data = sqlite3_column_text(statement_.get(), column);
  return std::string_view(static_cast<const char*>(non_null(data)),
                          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Bytes Statement::octets(int column) const {
  Bytes result{static_cast<std::byte>(sqlite3_column_type(statement_.get(), column))};
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  int size = sqlite3_column_bytes(statement_.get(), column);
  if (data != nullptr) result.insert(result.end(), data, data + size);
  return result;
}

void Database::Release::operator()(sqlite3* connection) const noexcept {
  if (int code = sqlite3_close_v2(connection); code != SQLITE_OK)
    log::warning("store", "{}", sqlite_error("sqlite3_close_v2", code).message());
}

Result<Database> Database::open(const std::string& path, int page_cache_kib) {
  sqlite3* raw = nullptr;
  int code =
      sqlite3_open_v2(path.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  Database database(raw);
  if (code != SQLITE_OK)
    return std::unexpected(sqlite_error(fmt::format("opening '{}'", path), code));
  TRY(in_context(database.configure(page_cache_kib), "opening '{}'", path));
  return database;
}

Result<> Database::configure(int page_cache_kib) {
  sqlite3* connection = connection_.get();
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, 100);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
  for (int option : {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
                     SQLITE_DBCONFIG_TRUSTED_SCHEMA})
    sqlite3_db_config(connection, option, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  TRY(
      execute("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
              "PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576"));
  TRY(execute(fmt::format("PRAGMA cache_size = -{}", page_cache_kib).c_str()));
  // A file system without shared memory keeps another journal, and says so only here.
  Statement mode = TRY(prepare("PRAGMA journal_mode"));
  std::ignore = TRY(mode.step());
  if (mode.text(0) != "wal")
    return fail(Status::KeyInfoManagerError, "file system does not let SQLite keep a WAL");
  return {};
}

Result<> Database::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(sqlite_error(sql, sqlite3_extended_errcode(connection_.get())));
}

Result<Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
      SQLITE_OK)
    return std::unexpected(
        sqlite_error("sqlite3_prepare", sqlite3_extended_errcode(connection_.get())));
  return Statement(raw);
}

bool Database::is_in_transaction() const noexcept {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

Result<bool> Database::truncate_wal() {
  int code = sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                       nullptr, nullptr);
  if (code == SQLITE_OK) return true;
  if ((code & 0xff) == SQLITE_BUSY) return false;
  return std::unexpected(sqlite_error("sqlite3_wal_checkpoint", code));
}

}  // namespace strongroom
