// What is done to the key of a store that is not served. Each takes the store's lock, and changes
// the store in one transaction: a crash leaves it as it was or as it is to be.
#pragma once

#include <optional>

#include "service/store/keying/recovery_secret.h"
#include "service/store/store_settings.h"

namespace strongroom {

// Opens the store by the source of `settings` and wraps its key for `target`, too. From then on
// either opens it, until a start by `target` makes that the only one. With a recovery secret, that
// one replaces any before it.
Result<> rekey_store(const StoreSettings& settings, StoreKeySource& target,
                     const RecoverySecret* recovery);

// As above with nothing but the recovery secret.
Result<> renew_recovery_secret(const StoreSettings& settings, const RecoverySecret& recovery);

// A new store key: each record is sealed anew, those that do not verify stay as they are. Opened by
// the source of `settings`, which alone opens it afterwards: neither a source to come nor the
// recovery secret of before does. KeyInfoManagerError when the store is not as its head says.
struct Rotated {
  std::uint64_t records = 0;
  std::uint64_t unreadable = 0;
};
Result<Rotated> rotate_store_key(const StoreSettings& settings, const RecoverySecret* recovery);

// Whether there is a recovery secret.
Result<bool> has_recovery_secret(const StoreSettings& settings);

// Opens the store by the recovery secret and wraps its key for the source of `settings` alone. The
// recovery secret stays. KeyInfoManagerError when it is not that of the store.
Result<> recover_store(const StoreSettings& settings, const RecoverySecret& recovery);

// Takes the store as it is for the newest (keying/rollback_guard.h). Its counter is made where that
// is gone or there was none.
Result<> accept_rollback(const StoreSettings& settings);

// Removes a store that holds no keys, and what its source has made; the next start, whatever the
// source, makes one with a key of its own: for an image of a machine. KeyInfoManagerError when
// there are records. Cut short, it is to be repeated, and says so by the start that is refused.
Result<> forget_store(const StoreSettings& settings);

}  // namespace strongroom
