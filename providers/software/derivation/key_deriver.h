#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// HKDF and the two derivations of TLS 1.2, from a secret of the record or one that is agreed upon,
// which leaves no trace. What comes out is imported like data from outside.
class EvpKeyDeriver final : public KeyDeriver {
 public:
  EvpKeyDeriver(const Algorithms& algorithms, KeyManager& keys, KeyAgreer& agreer) noexcept
      : algorithms_(algorithms), keys_(keys), agreer_(agreer) {}

  Result<NewKey> derive(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                        const DerivationInput& input,
                        const psa::KeyAttributes& attributes) override;
  Result<NewKey> agree_and_derive(const KeyRecord& key, const psa::KeyAgreement& algorithm,
                                  ByteView peer, const DerivationInput& input,
                                  const psa::KeyAttributes& attributes) override;

 private:
  Result<NewKey> derive_from(ByteView secret, const psa::KeyDerivation& algorithm,
                             const DerivationInput& input,
                             const psa::KeyAttributes& attributes) const;

  const Algorithms& algorithms_;
  KeyManager& keys_;
  KeyAgreer& agreer_;
};

}  // namespace strongroom::software
