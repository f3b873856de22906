#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"

namespace strongroom::tpm {

// Decrypts in the TPM, encrypts in software. TPMs want OAEP labels to end in NUL (TPM 2.0 r1.59
// Part 3, TPM2_RSA_Decrypt): another is PsaErrorInvalidArgument, in both directions.
class TpmEncrypter final : public Encrypter {
 public:
  explicit TpmEncrypter(Access& access) noexcept : access_(access) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;

 private:
  Access& access_;
};

}  // namespace strongroom::tpm
