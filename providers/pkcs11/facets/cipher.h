#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// AES and triple DES in the token: ECB, CBC; of AES also CTR, and CFB and OFB with whole blocks
// where it has them. The random IV comes from here, and so does the padding of CBC-PKCS7: tokens
// tell of a wrong one in many ways.
class TokenCipher final : public Cipher {
 public:
  explicit TokenCipher(Access& access) noexcept : access_(access) {}

  // PsaErrorInvalidArgument as the software provider's, for lengths.
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;

 private:
  Access& access_;
};

}  // namespace strongroom::pkcs11
