// A store's files: found, made at first start, or refused.
#pragma once

#include "base/error.h"
#include "service/store/disk/key_table.h"
#include "service/store/disk/store_lock.h"
#include "service/store/keying/rollback_guard.h"
#include "service/store/store_settings.h"

namespace strongroom {

// Of the connection that writes.
inline constexpr int kPageCacheKib = 1024;

// Ready to use: locked, of a schema we know, its store key unwrapped and checked.
struct StoreFile {
  StoreLock lock;
  KeyTable table;
  Sealer sealer;
  std::optional<RollbackGuard> guard;  // of a start, where there is a counter
};

// Key source and database decide what a start may do:
//   database              opened; a source that is missing is not made again over records that it
//                         would not open
//   no database, and a source that cannot have sealed one (a key file that is not there)
//                         both are made: the source's secret first, durably, then the database
//   no database, and a source that may have sealed one
//                         refused unless Init: records are gone, or the disk is not mounted
// A first start that was cut short leaves '<database>.creating' and is taken up again. A database
// without tables counts as none.
//
// A start, as opposed to who looks at a store, makes the wrap that it opened the only one.
enum class MissingStore { Create, Refuse };
// An existing store without its key, for those who open it by another.
struct LockedDatabase {
  StoreLock lock;
  Database database;
};
Result<LockedDatabase> open_locked_database(const StoreSettings& settings);

Result<StoreFile> open_store_file(const StoreSettings& settings, MissingStore missing);

}  // namespace strongroom
