// The tables of the database, schema version 1, and the statements on them.
#pragma once

#include <functional>
#include <vector>

#include "service/store/disk/sqlite_database.h"
#include "service/store/sealed/sealed_row.h"

namespace strongroom {

inline constexpr std::int64_t kSchemaVersion = 1;

enum class SchemaState { Empty, Current };

// Empty: nothing was ever created in the file. KeyInfoManagerError for a version newer than ours,
// and for tables or indices that are not what the version has.
Result<SchemaState> inspect_schema(Database& database);
// Within a transaction of the caller's.
Result<> create_schema(Database& database);

// Rows of `meta`: 'schema' (integer), 'key_check', 'head', and those of keying/key_slots.h.
// KeyInfoManagerError when the row is missing.
Result<Bytes> read_meta(Database& database, const char* name);
// nullopt when it is missing, or no blob.
Result<std::optional<Bytes>> find_meta(Database& database, const char* name);
Result<> erase_meta(Database& database, const char* name);
Result<> write_meta(Database& database, const char* name, ByteView value);

// Rows are read as hostile input: a clear column of a wrong type or size gives PsaErrorDataCorrupt,
// as opposed to KeyInfoManagerError for a disk that cannot be read. Changes belong in a transaction
// of the caller's. Used by the thread that uses the database.
class KeyTable {
 public:
  // Owns its connection from now on.
  static Result<KeyTable> open(Database database);
  Database& database() noexcept { return database_; }

  // nullopt when there is no such row. The name of a key that is being destroyed is free.
  Result<std::optional<SealedRow>> find(const KeyId& key);
  Result<std::optional<SealedRow>> find_row(std::int64_t row);
  Result<std::optional<SealedRow>> find_destroying(std::uint64_t serial);

  // PsaErrorAlreadyExists when the name, or the row's number, is taken.
  Result<> insert(const SealedRow& row);
  // State, salt and seal of row.row.
  Result<> update(const SealedRow& row);
  Result<> erase(std::int64_t row);

  struct Scanned {
    std::int64_t number;
    Result<SealedRow> row;         // PsaErrorDataCorrupt when it is malformed
    std::vector<Bytes> as_stored;  // of a malformed row: each column, with its type
  };
  // The first `limit` rows from number `from` on, in order. Gives how many there were; stops at the
  // first error of `visit`.
  Result<std::size_t> scan(std::int64_t from, std::size_t limit,
                           const std::function<Result<>(const Scanned& scanned)>& visit);
  // All rows without salt and seal.
  using Visit = std::function<Result<>(std::int64_t row, Result<SealedRow> content)>;
  Result<> scan_clear(const Visit& visit);

 private:
  explicit KeyTable(Database database) noexcept : database_(std::move(database)) {}
  Result<std::optional<SealedRow>> only_row(Statement& statement);

  Database database_;
  std::optional<Statement> find_, find_row_, find_destroying_, insert_, update_, erase_, scan_,
      scan_clear_;
};

}  // namespace strongroom
