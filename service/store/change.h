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
// `state` → absent. Of that serial alone, where one is given: another key may have the name by now.
struct RemoveKey {
  KeyId key;
  KeyState state;
  std::uint64_t serial = 0;
};
// pending → destroying, of the record's material; the record gets serial and attributes of the
// reservation.
struct AbandonKey {
  std::shared_ptr<KeyRecord> record;
};
// present → destroying, of that serial alone.
struct BeginDestroyKey {
  KeyId key;
  std::uint64_t serial;
};
// destroying → absent.
struct FinishDestroyKey {
  std::uint64_t serial;
};

using Change = std::variant<InsertKey, ReplaceKey, FulfilKey, RemoveKey, AbandonKey,
                            BeginDestroyKey, FinishDestroyKey>;

}  // namespace strongroom
