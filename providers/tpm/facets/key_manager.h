#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// Keys that the TPM wraps under its storage root, so that they are of no use elsewhere; the records
// keep them, the TPM keeps nothing. Private keys never come out again, imported ones neither.
class TpmKeyManager final : public KeyManager {
 public:
  explicit TpmKeyManager(Access& access) noexcept : access_(access) {}

  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  // PsaErrorNotSupported.
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;

 private:
  Result<NewKey> import_pair(NewKey checked);
  Result<NewKey> import_secret(NewKey checked);

  Access& access_;
};

}  // namespace strongroom::tpm
