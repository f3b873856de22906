#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// RSA with the padding of PKCS#1 v1.5 or OAEP (RFC 8017 §7). A ciphertext of the right length that
// does not decrypt answers PsaErrorInvalidPadding, whatever was wrong with it; for PKCS#1 v1.5 the
// contract wants that answer although it tells an attacker something (Bleichenbacher's oracle).
class EvpEncrypter final : public Encrypter {
 public:
  EvpEncrypter(const Algorithms& algorithms, KeyCache& cache) noexcept
      : algorithms_(algorithms), cache_(cache) {}

  // PsaErrorInvalidArgument for a plaintext longer than the padding leaves room for.
  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  // PsaErrorInvalidArgument for a public key, and for a ciphertext not as long as the modulus.
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;

 private:
  using Init = int (*)(EVP_PKEY_CTX*);

  Result<> check(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                 ByteView label) const;
  Result<Owned<EVP_PKEY_CTX>> begin(const KeyRecord& key,
                                    const psa::AsymmetricEncryption& algorithm, ByteView label,
                                    Init init);
  Result<> set_oaep(EVP_PKEY_CTX* context, psa::Hash hash, ByteView label) const;
  Result<Bytes> encrypt_checked(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                                ByteView plaintext, ByteView label);
  Result<SecretBuffer> decrypt_checked(const KeyRecord& key,
                                       const psa::AsymmetricEncryption& algorithm,
                                       ByteView ciphertext, ByteView label);

  const Algorithms& algorithms_;
  KeyCache& cache_;
};

}  // namespace strongroom::software
