// Keys as rows; `key show` gives the fields of `key list` and more.
#pragma once

#include <utility>
#include <vector>

#include "client/cli/format/names.h"
#include "client/cli/record/table.h"
#include "strongroom/listing.h"

namespace strongroom::cli {

inline std::vector<Column> key_columns() {
  return {
      {"name", "NAME"},   {"type", "TYPE"},         {"bits", ""},        {"algorithm", "ALGORITHM"},
      {"usage", "USAGE"}, {"provider", "PROVIDER"}, {"provider_id", ""}, {"drawn_nonce_only", ""},
  };
}

inline std::vector<Cell> key_cells(const KeyInfo& key) {
  const psa::KeyAttributes& attributes = key.attributes;
  return {key.name,
          type_name(attributes.type, attributes.bits),
          std::int64_t{attributes.bits},
          algorithm_name(attributes.algorithm),
          usage_names(attributes.usage),
          provider_name(key.provider),
          std::int64_t{std::to_underlying(key.provider)},
          attributes.drawn_nonce_only};
}

inline Table key_table() {
  return Table(key_columns());
}

inline void add_key(Table& table, const KeyInfo& key) {
  table.add(key_cells(key));
}

}  // namespace strongroom::cli
