#pragma once

#include "providers/attester.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// Public keys are no keys of the TPM: PsaErrorNotSupported.
class TpmAttester final : public Attester {
 public:
  explicit TpmAttester(Access& access) noexcept : access_(access) {}

  Result<Preparation> prepare(const KeyRecord* key) override;
  Result<SecretBuffer> activate_credential(const KeyRecord* key, ByteView credential_blob,
                                           ByteView secret) override;
  Result<Certificate> certify(const KeyRecord& key, ByteView qualifying_data) override;
  Result<Quote> quote(std::span<const PcrSelection> selections, ByteView qualifying_data) override;

 private:
  Access& access_;
};

}  // namespace strongroom::tpm
