// Which uses of which keys the provider serves, decided for supports() and for the operations
// alike.
#pragma once

#include "base/error.h"
#include "providers/provider.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// Each answers PsaErrorNotSupported, saying what is not offered. `bits` 0 stands for any size, a
// hash left open ("any") for any hash.
Result<> check_signature(const Algorithms& algorithms, const psa::KeyType& type,
                         const psa::AsymmetricSignature& signature);
Result<> check_encryption(const Algorithms& algorithms, const psa::KeyType& type,
                          const psa::AsymmetricEncryption& encryption);
Result<> check_aead(const psa::KeyType& type, const psa::Aead& aead);
Result<> check_agreement(const psa::KeyType& type, psa::RawKeyAgreement agreement);

// The answer to Provider::supports().
Result<> check_capability(const Algorithms& algorithms, Capability capability,
                          const psa::KeyAttributes& attributes);

}  // namespace strongroom::software
