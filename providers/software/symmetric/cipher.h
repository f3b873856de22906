#pragma once

#include "providers/facets.h"
#include "providers/software/symmetric/cipher_context.h"

namespace strongroom::software {

// CTR, CFB with whole blocks, OFB, ECB and CBC (SP 800-38A), CBC with the padding of PKCS#7 (RFC
// 5652 §6.3), XTS (SP 800-38E), ChaCha20 (RFC 8439) and RC4. In front of a ciphertext stands what
// makes it unique: a random IV as long as a block, for XTS a random tweak, for ChaCha20 a nonce of
// 12 bytes, whose first block has number 0. ECB and RC4 have none.
class EvpCipher final : public Cipher {
 public:
  explicit EvpCipher(const Algorithms& algorithms) noexcept : algorithms_(algorithms) {}

  // PsaErrorInvalidArgument for a plaintext that is no number of whole blocks where the mode wants
  // that, for an XTS one outside of 16 bytes to 16 MiB, and for an XTS key of two equal halves.
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  // PsaErrorInvalidArgument likewise, PsaErrorInvalidPadding for CBC-PKCS7's. Which byte of the
  // padding is wrong takes no different time.
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;

 private:
  Result<const EVP_CIPHER*> cipher_of(const KeyRecord& key, psa::Cipher algorithm) const;

  const Algorithms& algorithms_;
};

// The length of the plaintext in front of PKCS#7 padding, or PsaErrorInvalidPadding. Looks at the
// whole last block, in the same time whatever it holds. `blocks` are whole and at least one.
Result<std::size_t> unpadded_size(ByteView blocks, std::size_t block_size);

}  // namespace strongroom::software
