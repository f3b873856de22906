#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// ECDH without cofactor (SP 800-56A Rev. 3 §5.7.1.2): the shared point's x coordinate, as long as
// the field. X25519 and X448 (RFC 7748 §6). FFDH (§5.7.1.1): the shared number, as long as the
// prime. Peers' keys are validated in full: a point or number of a small order is refused, and so
// is a shared secret that is the same whatever our key is.
class EvpKeyAgreer final : public KeyAgreer {
 public:
  EvpKeyAgreer(const Algorithms& algorithms, KeyCache& cache) noexcept
      : algorithms_(algorithms), cache_(cache) {}

  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;

 private:
  Result<Owned<EVP_PKEY>> peer_of(const KeyRecord& key, ByteView peer) const;
  Result<SecretBuffer> agree_checked(const KeyRecord& key, EVP_PKEY* peer);

  const Algorithms& algorithms_;
  KeyCache& cache_;
};

}  // namespace strongroom::software
