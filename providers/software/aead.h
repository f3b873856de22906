#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// AES-GCM (SP 800-38D). Nonces of 1 to 128 bytes; tags of 4, 8 or 12 to 16.
class EvpAeadCipher final : public AeadCipher {
 public:
  explicit EvpAeadCipher(const Algorithms& algorithms) noexcept : algorithms_(algorithms) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  // PsaErrorInvalidArgument for a ciphertext shorter than its tag.
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;

 private:
  enum class Direction { Decrypt = 0, Encrypt = 1 };

  Result<Owned<EVP_CIPHER_CTX>> begin(const KeyRecord& key, const psa::Aead& algorithm,
                                      const AeadInput& input, Direction direction) const;

  const Algorithms& algorithms_;
};

}  // namespace strongroom::software
