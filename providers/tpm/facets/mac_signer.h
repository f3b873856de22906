#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// HMAC and CMAC by the TPM's commands for them, input of more than a command takes as a sequence;
// CBC-MAC by its CBC, with an IV of zeros. Lengths as in providers/software/symmetric/mac.h.
class TpmMacSigner final : public MacSigner {
 public:
  explicit TpmMacSigner(Access& access) noexcept : access_(access) {}

  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;

 private:
  // Secret, because to whom it is shown has not been decided.
  Result<SecretBuffer> mac_of(const KeyRecord& key, const psa::Mac& algorithm, ByteView input);
  Result<SecretBuffer> tpm_mac_of(const KeyRecord& key, TPM2_ALG_ID algorithm, ByteView input,
                                  std::size_t at_once);
  Result<SecretBuffer> cbc_mac_of(const KeyRecord& key, ByteView input, std::size_t at_once);

  Access& access_;
};

}  // namespace strongroom::tpm
