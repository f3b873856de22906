#pragma once

#include "providers/facets.h"
#include "providers/software/symmetric/cipher_context.h"

namespace strongroom::software {

// PsaErrorInvalidArgument for a nonce that the mode does not take, see below, and for a text longer
// than a CCM nonce of its length leaves room for.
Result<> check_aead_nonce(psa::Aead::Kind kind, ByteView nonce);
Result<> check_aead_text(psa::Aead::Kind kind, ByteView nonce, std::size_t size);

// GCM (SP 800-38D) with nonces of 1 to 128 bytes, CCM (SP 800-38C) with 7 to 13, ChaCha20-Poly1305
// (RFC 8439) with 12. Which tags they have, is_tag_size() says.
class EvpAeadCipher final : public AeadCipher {
 public:
  explicit EvpAeadCipher(const Algorithms& algorithms) noexcept : algorithms_(algorithms) {}

  // PsaErrorInvalidArgument also for a text longer than a CCM nonce of its length leaves room for.
  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  // PsaErrorInvalidArgument for a ciphertext shorter than its tag.
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;

  // PsaErrorNotSupported for CCM, which has to know all lengths at its beginning.
  Result<std::unique_ptr<EncryptionInParts>> begin_encryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override;
  Result<std::unique_ptr<DecryptionInParts>> begin_decryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override;

 private:
  struct Text {
    Direction direction;
    std::size_t size;      // of the plaintext; for CCM alone
    std::size_t tag_size;  // to be made or checked
    ByteView tag;          // to be checked; may be told later, but not to CCM
  };
  Result<Owned<EVP_CIPHER_CTX>> begin_in_parts(const KeyRecord& key, const psa::Aead& algorithm,
                                               const AeadInput& input, Direction direction) const;
  Result<> check(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input) const;
  Result<Owned<EVP_CIPHER_CTX>> begin(const KeyRecord& key, const psa::Aead& algorithm,
                                      const AeadInput& input, const Text& text) const;

  const Algorithms& algorithms_;
};

}  // namespace strongroom::software
