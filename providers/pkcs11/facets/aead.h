#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// AES-GCM in the token (SP 800-38D), with nonces of 1 to 128 bytes, and CCM (SP 800-38C) where it
// has that, in one piece.
class TokenAead final : public AeadCipher {
 public:
  explicit TokenAead(Access& access) noexcept : access_(access) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  // PsaErrorInvalidArgument for a ciphertext shorter than its tag.
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;

 private:
  Result<> check(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input);

  Access& access_;
};

}  // namespace strongroom::pkcs11
