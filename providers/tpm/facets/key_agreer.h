#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// ECDH in the TPM: the shared point's x, as long as the field.
class TpmKeyAgreer final : public KeyAgreer {
 public:
  explicit TpmKeyAgreer(Access& access) noexcept : access_(access) {}

  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;

 private:
  Access& access_;
};

}  // namespace strongroom::tpm
