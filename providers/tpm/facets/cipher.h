#pragma once

#include "providers/facets.h"
#include "providers/tpm/facets/access.h"
#include "providers/tpm/objects/symmetric_commands.h"

namespace strongroom::tpm {

// TPM2_EncryptDecrypt2 over text of any length, in turns of several commands, between which others
// come. Whole blocks where the mode wants them; what follows goes on with `iv`.
Result<SecretBuffer> transformed(Access& access, const KeyRecord& key, const BlockCipher& cipher,
                                 Bytes iv, ByteView text, std::size_t at_once);

// CTR, CFB, OFB, ECB and CBC of AES in the TPM; the padding of CBC-PKCS7 is put on and taken off
// here. Formats as in providers/software/symmetric/cipher.h.
class TpmCipher final : public Cipher {
 public:
  explicit TpmCipher(Access& access) noexcept : access_(access) {}

  // PsaErrorInvalidArgument for text that is no number of whole blocks where the mode wants that.
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  // PsaErrorInvalidArgument likewise, PsaErrorInvalidPadding for CBC-PKCS7's.
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;

 private:
  Access& access_;
};

}  // namespace strongroom::tpm
