// How signatures in certificates are named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/psa.h"
#include "client/cli/failure.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

struct SignatureAlgorithm {
  psa::AsymmetricSignature requested;  // of the service
  psa::Hash hash;                      // nobody asks for EdDSA's
  der::Element identifier;             // AlgorithmIdentifier (RFC 5758, RFC 4055, RFC 8410)
};

// For a key with that policy. `hash_option` chooses where the policy leaves it open; else it is one
// that goes with the key's size. NotSupported for what certificates are not signed with.
Outcome<SignatureAlgorithm> signature_algorithm(const psa::AsymmetricSignature& policy,
                                                std::uint32_t bits,
                                                const std::optional<std::string>& hash_option);

}  // namespace strongroom::cli
