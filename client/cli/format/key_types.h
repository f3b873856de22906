// The words for key types on the command line and in tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/psa_names.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

using psa::TypeAndSize;

// "ecc-p256", "x25519", and for those without a name of their own psa::to_string() with the size,
// "ecc-brainpool-p-r1-384". Public keys are imported, not named.
Outcome<TypeAndSize> type_from(std::string_view name);
// As type_from() takes it; psa::to_string() for a type that it does not take.
std::string type_name(const psa::KeyType& type, std::uint32_t bits);

// Those with names of their own, for completion.
std::vector<std::string> type_names();

}  // namespace strongroom::cli
