// SQLite, owned.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace strongroom {

// The one place where SQLite's (extended) result codes become Errors: SQLITE_FULL is
// PsaErrorInsufficientStorage, SQLITE_NOMEM PsaErrorInsufficientMemory, SQLITE_CONSTRAINT_UNIQUE
// and _PRIMARYKEY PsaErrorAlreadyExists, all others are KeyInfoManagerError.
Error sqlite_error(std::string_view doing, int code,
                   std::source_location where = std::source_location::current());

// One prepared statement. Numbers of parameters start at 1, of columns at 0. Used by the thread
// that uses its database.
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_blob(int parameter, ByteView value);
  // Bytes that are not UTF-8 are stored as they are.
  Statement& bind_text(int parameter, std::string_view value);

  // True while there is a row; the statement is reset and its parameters are cleared when there is
  // none, and on failure.
  Result<bool> step();
  // Steps to the end, whatever rows there are.
  Result<> run();
  void reset() noexcept;

  // Empty for a value of another type: rows are hostile input. Views end with the next step.
  std::optional<std::int64_t> integer(int column) const;
  std::optional<ByteView> blob(int column) const;
  std::optional<std::string_view> text(int column) const;
  // Of any value: its type, one octet, and its bytes, a number's as text. To be asked last, for
  // SQLite converts the value.
  Bytes octets(int column) const;

 private:
  friend class Database;
  struct Release {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Release> statement_;
};

// One connection, not shared between threads at the same time. Statements end before it.
class Database {
 public:
  // The file must exist; an empty one is an empty database. WAL, synchronous=FULL, secure_delete,
  // no memory mapping, a WAL of about 1 MiB, no triggers or views of the file's, `page_cache_kib`
  // of cached pages.
  static Result<Database> open(const std::string& path, int page_cache_kib);

  // One or more statements without parameters.
  Result<> execute(const char* sql);
  Result<Statement> prepare(const char* sql);
  // Whether a transaction is open; SQLite itself ends one on some failures.
  bool is_in_transaction() const noexcept;
  // Moves the whole WAL into the database file and cuts it to no bytes. False when a reader was in
  // the way.
  Result<bool> truncate_wal();

 private:
  struct Release {
    void operator()(sqlite3* connection) const noexcept;
  };
  explicit Database(sqlite3* connection) noexcept : connection_(connection) {}
  Result<> configure(int page_cache_kib);
  std::unique_ptr<sqlite3, Release> connection_;
};

}  // namespace strongroom
