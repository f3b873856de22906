#include <memory>
#include <sqlite3.h>

#include "base/utf8.h"
#include "service/migration/stored_mapping.h"

namespace strongroom::parsec {
namespace {

constexpr int kLongestValue = 64 << 10;
constexpr std::int64_t kVersion = 1;  // of the schema, of ids and of attributes
constexpr std::int64_t kInternalAuthenticator = 255;
constexpr std::string_view kTpmRoot = "RootKeyTPM";

struct Release {
  void operator()(sqlite3* database) const noexcept { ::sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const noexcept { ::sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Release>;
using Query = std::unique_ptr<sqlite3_stmt, Release>;

std::unexpected<Error> failed(const char* doing, sqlite3* database) {
  return fail(Status::PsaErrorDataCorrupt,
              fmt::format("{}: {}", doing, escaped(::sqlite3_errmsg(database))));
}

// Somebody else's schema: nothing in it may do more than keep rows.
Result<> restrain(sqlite3* database) {
  ::sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
  ::sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 4096);
  for (int option : {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                     SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW}) {
    const int on = option == SQLITE_DBCONFIG_DEFENSIVE ? 1 : 0;
    if (::sqlite3_db_config(database, option, on, nullptr) != SQLITE_OK)
      return failed("restraining the database", database);
  }
  return {};
}

// In memory, over bytes that outlive it; the file is not touched.
Result<Connection> open_image(const Bytes& image) {
  sqlite3* opened = nullptr;
  const int code = ::sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nullptr);
  Connection database(opened);
  if (code != SQLITE_OK) return failed("opening a database in memory", database.get());
  TRY(restrain(database.get()));
  auto* data = const_cast<unsigned char*>(octets(image));
  const auto size = static_cast<sqlite3_int64>(image.size());
  if (::sqlite3_deserialize(database.get(), "main", data, size, size,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
    return failed("reading the database", database.get());
  return database;
}

Result<Query> prepare(sqlite3* database, std::string_view text) {
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v2(database, text.data(), static_cast<int>(text.size()), &statement,
                           nullptr) != SQLITE_OK)
    return failed("asking the database", database);
  return Query(statement);
}

Result<bool> step(sqlite3* database, const Query& query) {
  const int code = ::sqlite3_step(query.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failed("reading a row", database);
}

std::unexpected<Error> malformed(const char* column) {
  return fail(Status::PsaErrorDataCorrupt, fmt::format("column '{}' is malformed", column));
}

// Columns of the row that a query is at.
struct Row {
  const Query& query;

  Result<std::int64_t> number(int column) const {
    if (::sqlite3_column_type(query.get(), column) != SQLITE_INTEGER) return bad(column);
    return ::sqlite3_column_int64(query.get(), column);
  }
  Result<std::string> text(int column) const {
    if (::sqlite3_column_type(query.get(), column) != SQLITE_TEXT) return bad(column);
    const Bytes value = value_of(column);
    std::string text(text_of(value));
    if (!is_utf8(text)) return bad(column);
    return text;
  }
  Result<Bytes> blob(int column) const {
    if (::sqlite3_column_type(query.get(), column) != SQLITE_BLOB ||
        ::sqlite3_column_bytes(query.get(), column) > kLongestValue)
      return bad(column);
    return value_of(column);
  }

 private:
  std::unexpected<Error> bad(int column) const {
    return malformed(::sqlite3_column_name(query.get(), column));
  }
  Bytes value_of(int column) const {
    const auto* data = static_cast<const std::byte*>(::sqlite3_column_blob(query.get(), column));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(query.get(), column));
    return data == nullptr ? Bytes() : copy_of({data, size});
  }
};

Result<> check_version(const Row& row, int column) {
  const std::int64_t version = TRY(row.number(column));
  if (version == kVersion) return {};
  return fail(Status::PsaErrorDataCorrupt, fmt::format("of version {}", version));
}

Result<> check_schema(sqlite3* database) {
  const Query query =
      TRY(prepare(database, "SELECT int_value FROM kim_metadata WHERE id = 'schema_version'"));
  const bool has_row = TRY(step(database, query));
  if (!has_row) return fail(Status::PsaErrorDataCorrupt, "the schema has no version");
  return in_context(check_version(Row{query}, 0), "the schema");
}

Result<std::uint8_t> authenticator_in(const Row& row) {
  const std::int64_t number = TRY(row.number(0));
  if (number != kInternalAuthenticator && (number < 1 || number > kLastAuthType))
    return malformed("authenticator_id");
  return static_cast<std::uint8_t>(number);
}

Result<ProviderId> provider_in(const Row& row) {
  const std::string uuid = TRY(row.text(3));
  const auto kind = kind_of_uuid(uuid);
  if (kind) return *kind;
  return malformed("provider_uuid");
}

Result<StoredMapping> mapping_in(const Row& row) {
  StoredMapping mapping;
  mapping.authenticator = TRY(authenticator_in(row));
  mapping.application = TRY(row.text(1));
  mapping.key_name = TRY(row.text(2));
  mapping.provider = TRY(provider_in(row));
  mapping.provider_name = TRY(row.text(4));
  mapping.key_id = TRY(row.blob(5));
  TRY(in_context(check_version(row, 6), "the id"));
  mapping.attributes = TRY(row.blob(7));
  TRY(in_context(check_version(row, 8), "the attributes"));
  return mapping;
}

void take(const Row& row, std::int64_t number, const RawMappings& raw, StoredMappings& found) {
  Result<StoredMapping> mapping = mapping_in(row);
  if (!mapping)
    found.problems.push_back(
        fmt::format("row {} of '{}': {}", number, escaped(raw.origin), mapping.error().message()));
  else if (mapping->authenticator != kInternalAuthenticator)
    found.keys.push_back(*std::move(mapping));
  else if (mapping->key_name == kTpmRoot)
    found.tpm_root = std::move(mapping->key_id);
}

constexpr std::string_view kAll =
    "SELECT authenticator_id, application_name, key_name, provider_uuid, provider_name, key_id, "
    "key_id_version, key_attributes, key_attributes_version FROM key_mapping ORDER BY rowid";

Result<StoredMappings> mappings_in(const RawMappings& raw) {
  StoredMappings found{.keys = {}, .tpm_root = {}, .problems = raw.problems};
  if (raw.database.empty()) return found;
  const Connection database = TRY(open_image(raw.database));
  TRY(check_schema(database.get()));
  const Query query = TRY(prepare(database.get(), kAll));
  for (std::int64_t number = 1;; ++number) {
    const bool has_row = TRY(step(database.get(), query));
    if (!has_row) return found;
    take(Row{query}, number, raw, found);
  }
}

}  // namespace

Result<StoredMappings> parse_database(const RawMappings& raw) {
  return in_context(mappings_in(raw), "'{}'", escaped(raw.origin));
}

}  // namespace strongroom::parsec
