#pragma once

#include "providers/facets.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// ECDH (SP 800-56A Rev. 3 §5.7.1.2): the shared point's x coordinate, as long as the field.
class EvpKeyAgreer final : public KeyAgreer {
 public:
  explicit EvpKeyAgreer(KeyCache& cache) noexcept : cache_(cache) {}

  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;

 private:
  Result<SecretBuffer> agree_checked(const KeyRecord& key, EVP_PKEY* peer);

  KeyCache& cache_;
};

}  // namespace strongroom::software
