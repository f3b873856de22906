#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// Decrypts in the token, and encrypts in software, whatever the token decrypts. Which hashes and
// labels OAEP takes, the token was asked: a label for one that takes none is PsaErrorNotSupported.
class TokenEncrypter final : public Encrypter {
 public:
  explicit TokenEncrypter(Access& access) noexcept : access_(access) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;

 private:
  Result<> check(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm, ByteView label);

  Access& access_;
};

}  // namespace strongroom::pkcs11
