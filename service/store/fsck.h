// The offline look at a whole store, and the acceptance of what it finds.
#pragma once

#include "base/error.h"
#include "service/store/store.h"
#include "service/store/store_settings.h"

namespace strongroom {

// Takes the store's lock, and so fails with KeyInfoManagerError while a daemon runs; likewise for a
// store or a key that is missing, or a key that does not open it. Nothing is ever deleted: an
// unreadable record keeps its row and its name, and Accept ends the daemon's complaint about it.
Result<CheckReport> check_store(const StoreSettings& settings, CheckMode mode);

}  // namespace strongroom
