// A change as it waits for the writer.
#pragma once

#include <variant>

#include "service/store/store.h"

namespace strongroom {

// absent → `state` (Present or Pending).
struct InsertKey {
  std::shared_ptr<KeyRecord> record;
  KeyState state;
};
// absent or present → present.
struct ReplaceKey {
  std::shared_ptr<KeyRecord> record;
};
// pending → present, under the serial that the reservation got.
struct FulfilKey {
  std::shared_ptr<KeyRecord> record;
};
// `state` → absent.
struct RemoveKey {
  KeyId key;
  KeyState state;
};
// pending → destroying, of the record's material; the record gets serial and attributes of the
// reservation.
struct AbandonKey {
  std::shared_ptr<KeyRecord> record;
};
// present → destroying.
struct BeginDestroyKey {
  KeyId key;
};
// destroying → absent.
struct FinishDestroyKey {
  std::uint64_t serial;
};

using Change = std::variant<InsertKey, ReplaceKey, FulfilKey, RemoveKey, AbandonKey,
                            BeginDestroyKey, FinishDestroyKey>;

}  // namespace strongroom
