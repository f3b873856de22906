// Keys as rows; `key list` and `key show` give the same fields.
#pragma once

#include <utility>

#include "client/cli/format/names.h"
#include "client/cli/format/table.h"
#include "strongroom/listing.h"

namespace strongroom::cli {

inline Table key_table() {
  return Table({
      {"name", "NAME"},
      {"type", "TYPE"},
      {"bits", ""},
      {"algorithm", "ALGORITHM"},
      {"usage", "USAGE"},
      {"provider", "PROVIDER"},
      {"provider_id", ""},
  });
}

inline void add_key(Table& table, const KeyInfo& key) {
  const psa::KeyAttributes& attributes = key.attributes;
  table.add({key.name, type_name(attributes.type, attributes.bits), std::int64_t{attributes.bits},
             algorithm_name(attributes.algorithm), usage_names(attributes.usage),
             provider_name(key.provider), std::int64_t{std::to_underlying(key.provider)}});
}

}  // namespace strongroom::cli
