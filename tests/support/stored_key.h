// A provider's new key as the record that a store would make of it.
#pragma once

#include <memory>
#include <utility>

#include "providers/facets.h"
#include "providers/key_record.h"

namespace strongroom::testing {

inline KeyRecordPtr stored(NewKey key, std::uint64_t serial, KeyId id = {}) {
  auto record = std::make_shared<KeyRecord>();
  record->id = std::move(id);
  record->attributes = std::move(key.attributes);
  record->material = std::move(key.material);
  record->public_key = std::move(key.public_key);
  record->serial = serial;
  return record;
}

}  // namespace strongroom::testing
