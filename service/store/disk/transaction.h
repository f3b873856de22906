// Changes to a database that happen together or not at all.
#pragma once

#include <concepts>

#include "base/error.h"
#include "base/log.h"
#include "service/store/disk/sqlite_database.h"

namespace strongroom {

// Commits what `change` does, or nothing. No transaction is open afterwards, however it ends.
template <std::invocable Change>
Result<> in_transaction(Database& database, Change change) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  Result<> changed = change();
  if (changed) changed = database.execute("COMMIT");
  if (!changed && database.is_in_transaction())
    if (Result<> undone = database.execute("ROLLBACK"); !undone)
      log::warning("store", "{}", undone.error().message());
  return changed;
}

}  // namespace strongroom
