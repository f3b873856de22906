// A store's files: found, made at first start, or refused.
#pragma once

#include "base/error.h"
#include "service/store/disk/key_table.h"
#include "service/store/disk/store_lock.h"
#include "service/store/store_settings.h"

namespace strongroom {

// Of the connection that writes.
inline constexpr int kPageCacheKib = 1024;

// Ready to use: locked, of a schema we know, its store key unwrapped and checked.
struct StoreFile {
  StoreLock lock;
  KeyTable table;
  Sealer sealer;
};

// Key file and database, both or neither, decide what a start may do:
//   neither                   both are made: key file first, durably, then the database
//   database without key file refused: the key is not made again over records it would not open
//   key file without database refused unless Init: records are gone, or the disk is not mounted
//   both                      opened
// A first start that was cut short leaves '<database>.creating' and is taken up again. A database
// without tables counts as none.
enum class MissingStore { Create, Refuse };
Result<StoreFile> open_store_file(const StoreSettings& settings, MissingStore missing);

}  // namespace strongroom
