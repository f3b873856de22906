// Everything a client can name: all key types with their sizes, all algorithms, all usage flags.
#pragma once

#include <vector>

#include "base/psa.h"

namespace strongroom::testing {

struct TypeAndBits {
  psa::KeyType type;
  std::uint32_t bits;
};

std::vector<TypeAndBits> all_key_types();
std::vector<psa::Algorithm> all_algorithms();
// Each flag by itself, and none.
std::vector<psa::UsageFlags> all_single_flags();

}  // namespace strongroom::testing
