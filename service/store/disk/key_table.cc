#include "service/store/disk/key_table.h"

#include <algorithm>
#include <array>

namespace strongroom {
namespace {

struct SchemaObject {
  std::string_view name;
  const char* sql;
};
// As sqlite_master gives them back, sorted by name. `key_identity` leaves out what is being
// destroyed, since its name is free.
constexpr std::array<SchemaObject, 4> kSchema = {{
    {"key",
     "CREATE TABLE key (id INTEGER PRIMARY KEY, authenticator INTEGER NOT NULL, application BLOB"
     " NOT NULL, provider_uuid BLOB NOT NULL, provider_instance TEXT NOT NULL, name BLOB NOT NULL,"
     " state INTEGER NOT NULL, serial INTEGER NOT NULL, created INTEGER NOT NULL, owner_name TEXT"
     " NOT NULL, salt BLOB NOT NULL, sealed BLOB NOT NULL)"},
    {"key_destroying", "CREATE UNIQUE INDEX key_destroying ON key (serial) WHERE state = 3"},
    {"key_identity",
     "CREATE UNIQUE INDEX key_identity ON key (authenticator, application, provider_uuid,"
     " provider_instance, name) WHERE state <> 3"},
    {"meta", "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"},
}};

constexpr int kColumns = 12;  // of STRONGROOM_SELECT
#define STRONGROOM_CLEAR_COLUMNS                                                           \
  "id, authenticator, application, provider_uuid, provider_instance, name, state, serial," \
  " created, owner_name"
#define STRONGROOM_SELECT "SELECT " STRONGROOM_CLEAR_COLUMNS ", salt, sealed FROM key "

std::unexpected<Error> malformed(std::string_view column) {
  return fail(Status::PsaErrorDataCorrupt, fmt::format("column '{}' is malformed", column));
}

std::optional<KeyState> state_from(std::optional<std::int64_t> number) {
  if (!number || *number < 1 || *number > 3) return std::nullopt;
  return static_cast<KeyState>(*number);
}

Result<Uuid> read_uuid(const Statement& row) {
  std::optional<ByteView> bytes = row.blob(3);
  Uuid uuid{};
  if (!bytes || bytes->size() != uuid.size()) return malformed("provider_uuid");
  std::ranges::copy(*bytes, uuid.begin());
  return uuid;
}

Result<KeyId> read_key_id(const Statement& row) {
  std::optional<std::int64_t> authenticator = row.integer(1);
  if (!authenticator || *authenticator < 0 || *authenticator > 255)
    return malformed("authenticator");
  std::optional<ByteView> application = row.blob(2);
  std::optional<std::string_view> instance = row.text(4);
  std::optional<ByteView> name = row.blob(5);
  if (!application || !instance || !name) return malformed("application, instance or name");
  KeyId id;
  id.application = {static_cast<std::uint8_t>(*authenticator), std::string(text_of(*application))};
  id.provider.uuid = TRY(read_uuid(row));
  id.provider.instance = *instance;
  id.name = text_of(*name);
  return id;
}

Result<SealedRow> read_clear(const Statement& row) {
  SealedRow result;
  result.row = row.integer(0).value_or(0);
  result.key = TRY(read_key_id(row));
  std::optional<KeyState> state = state_from(row.integer(6));
  std::optional<std::int64_t> serial = row.integer(7);
  std::optional<std::int64_t> created = row.integer(8);
  std::optional<std::string_view> owner = row.text(9);
  if (!state || !serial || *serial <= 0 || !created || !owner)
    return malformed("state, serial, created or owner_name");
  result.state = *state;
  result.serial = static_cast<std::uint64_t>(*serial);
  result.created = *created;
  result.owner_name = *owner;
  return result;
}

// A salt or seal of a wrong type reads as empty, which does not verify: the row keeps its name.
Result<SealedRow> read_row(const Statement& row) {
  SealedRow result = TRY(read_clear(row));
  result.salt = copy_of(row.blob(10).value_or(ByteView()));
  result.sealed = copy_of(row.blob(11).value_or(ByteView()));
  return result;
}

KeyTable::Scanned scanned(const Statement& row) {
  KeyTable::Scanned result{row.integer(0).value_or(0), read_row(row), {}};
  if (result.row) return result;
  for (int column = 0; column < kColumns; ++column)
    result.as_stored.push_back(row.octets(column));
  return result;
}

Statement& bind_identity(Statement& statement, const KeyId& key) {
  return statement.bind(1, key.application.authenticator)
      .bind_blob(2, view_of(key.application.name))
      .bind_blob(3, key.provider.uuid)
      .bind_text(4, key.provider.instance)
      .bind_blob(5, view_of(key.name));
}

Result<> check_version(Database& database) {
  Statement statement = TRY(database.prepare("SELECT value FROM meta WHERE name = 'schema'"));
  std::optional<std::int64_t> version;
  bool is_there = TRY(statement.step());
  if (is_there) version = statement.integer(0);
  if (!version) return fail(Status::KeyInfoManagerError, "store has no schema version");
  if (*version > kSchemaVersion)
    return fail(Status::KeyInfoManagerError,
                fmt::format("store has schema version {}, newer than this program's {}", *version,
                            kSchemaVersion));
  if (*version < kSchemaVersion)
    return fail(Status::KeyInfoManagerError, fmt::format("store has schema version {}", *version));
  return {};
}

// A missing or altered index would let two keys have one name; a foreign one would keep a copy of
// what is destroyed.
Result<> check_objects(Database& database) {
  Statement statement =
      TRY(database.prepare("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name"));
  std::size_t found = 0;
  for (bool more = TRY(statement.step()); more; more = TRY(statement.step())) {
    if (found == kSchema.size() || statement.text(0) != kSchema.at(found).name ||
        statement.text(1) != kSchema.at(found).sql)
      return fail(Status::KeyInfoManagerError,
                  fmt::format("store's schema is not that of version 1 at '{}'",
                              escaped(statement.text(0).value_or(""))));
    ++found;
  }
  if (found != kSchema.size())
    return fail(Status::KeyInfoManagerError, "store's schema lacks a table or an index");
  return {};
}

}  // namespace

Result<SchemaState> inspect_schema(Database& database) {
  Statement statement =
      TRY(database.prepare("SELECT count(*), sum(name = 'meta') FROM sqlite_master"));
  std::ignore = TRY(statement.step());
  if (statement.integer(0) == 0) return SchemaState::Empty;
  if (statement.integer(1) != 1)
    return fail(Status::KeyInfoManagerError, "file is not a key store: it has no table 'meta'");
  statement.reset();
  // The version first: a newer one has other tables.
  TRY(check_version(database));
  TRY(check_objects(database));
  return SchemaState::Current;
}

Result<> create_schema(Database& database) {
  for (const SchemaObject& object : kSchema)
    if (object.name == "key") TRY(database.execute(object.sql));
  for (const SchemaObject& object : kSchema)
    if (object.name != "key") TRY(database.execute(object.sql));
  Statement statement = TRY(database.prepare("INSERT INTO meta VALUES ('schema', ?)"));
  return statement.bind(1, kSchemaVersion).run();
}

Result<std::optional<Bytes>> find_meta(Database& database, const char* name) {
  Statement statement = TRY(database.prepare("SELECT value FROM meta WHERE name = ?"));
  bool is_there = TRY(statement.bind_text(1, name).step());
  std::optional<ByteView> value = is_there ? statement.blob(0) : std::nullopt;
  if (!value) return std::optional<Bytes>();
  return std::optional(copy_of(*value));
}

Result<Bytes> read_meta(Database& database, const char* name) {
  std::optional<Bytes> value = TRY(find_meta(database, name));
  if (!value)
    return fail(Status::KeyInfoManagerError, fmt::format("store has no '{}' in meta", name));
  return *std::move(value);
}

Result<> erase_meta(Database& database, const char* name) {
  Statement statement = TRY(database.prepare("DELETE FROM meta WHERE name = ?"));
  return statement.bind_text(1, name).run();
}

Result<> write_meta(Database& database, const char* name, ByteView value) {
  Statement statement =
      TRY(database.prepare("INSERT INTO meta VALUES (?, ?)"
                           " ON CONFLICT (name) DO UPDATE SET value = excluded.value"));
  return statement.bind_text(1, name).bind_blob(2, value).run();
}

Result<KeyTable> KeyTable::open(Database connection) {
  KeyTable table(std::move(connection));
  Database& database = table.database_;
  table.find_ = TRY(database.prepare(STRONGROOM_SELECT
                                     "WHERE authenticator = ? AND application = ? AND"
                                     " provider_uuid = ? AND provider_instance = ? AND name = ?"
                                     " AND state <> 3"));
  table.find_row_ = TRY(database.prepare(STRONGROOM_SELECT "WHERE id = ?"));
  table.find_destroying_ =
      TRY(database.prepare(STRONGROOM_SELECT "WHERE serial = ? AND state = 3"));
  table.insert_ = TRY(database.prepare(
      "INSERT INTO key (authenticator, application, provider_uuid, provider_instance, name, state,"
      " serial, created, owner_name, salt, sealed, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?)"));
  table.update_ =
      TRY(database.prepare("UPDATE key SET state = ?, salt = ?, sealed = ? WHERE id = ?"));
  table.erase_ = TRY(database.prepare("DELETE FROM key WHERE id = ?"));
  table.scan_ = TRY(database.prepare(STRONGROOM_SELECT "WHERE id >= ? ORDER BY id LIMIT ?"));
  table.scan_clear_ = TRY(database.prepare("SELECT " STRONGROOM_CLEAR_COLUMNS " FROM key"));
  return table;
}

#undef STRONGROOM_SELECT
#undef STRONGROOM_CLEAR_COLUMNS

Result<std::optional<SealedRow>> KeyTable::only_row(Statement& statement) {
  bool is_there = TRY(statement.step());
  if (!is_there) return std::nullopt;
  Result<SealedRow> row = read_row(statement);
  statement.reset();
  if (!row) return std::unexpected(std::move(row).error());
  return std::optional(*std::move(row));
}

Result<std::optional<SealedRow>> KeyTable::find(const KeyId& key) {
  return only_row(bind_identity(*find_, key));
}

Result<std::optional<SealedRow>> KeyTable::find_row(std::int64_t row) {
  return only_row(find_row_->bind(1, row));
}

Result<std::optional<SealedRow>> KeyTable::find_destroying(std::uint64_t serial) {
  return only_row(find_destroying_->bind(1, static_cast<std::int64_t>(serial)));
}

Result<> KeyTable::insert(const SealedRow& row) {
  return bind_identity(*insert_, row.key)
      .bind(6, static_cast<std::int64_t>(row.state))
      .bind(7, static_cast<std::int64_t>(row.serial))
      .bind(8, row.created)
      .bind_text(9, row.owner_name)
      .bind_blob(10, row.salt)
      .bind_blob(11, row.sealed)
      .bind(12, row.row)
      .run();
}

Result<> KeyTable::update(const SealedRow& row) {
  return update_->bind(1, static_cast<std::int64_t>(row.state))
      .bind_blob(2, row.salt)
      .bind_blob(3, row.sealed)
      .bind(4, row.row)
      .run();
}

Result<> KeyTable::erase(std::int64_t row) {
  return erase_->bind(1, row).run();
}

Result<std::size_t> KeyTable::scan(std::int64_t from, std::size_t limit,
                                   const std::function<Result<>(const Scanned& scanned)>& visit) {
  scan_->bind(1, from).bind(2, static_cast<std::int64_t>(limit));
  std::size_t count = 0;
  for (bool more = TRY(scan_->step()); more; more = TRY(scan_->step())) {
    ++count;
    if (Result<> visited = visit(scanned(*scan_)); !visited) {
      scan_->reset();
      return std::unexpected(std::move(visited).error());
    }
  }
  return count;
}

Result<> KeyTable::scan_clear(const Visit& visit) {
  for (bool more = TRY(scan_clear_->step()); more; more = TRY(scan_clear_->step())) {
    Result<> visited = visit(scan_clear_->integer(0).value_or(0), read_clear(*scan_clear_));
    if (visited) continue;
    scan_clear_->reset();
    return visited;
  }
  return {};
}

}  // namespace strongroom
