#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/encrypter.h"
#include "providers/software/key_manager.h"
#include "providers/software/keys/key_cache.h"

namespace strongroom::software {

// AES-KWP (NIST SP 800-38F §6.3), alone or behind an AES-256 key that is drawn for the purpose and
// encrypted by RSA-OAEP: PKCS#11 v3.0 current mechanisms §2.1.21, CKM_RSA_AES_KEY_WRAP.
class EvpKeyWrapper final : public KeyWrapper {
 public:
  EvpKeyWrapper(const Algorithms& algorithms, KeyCache& cache, EvpEncrypter& encrypter,
                EvpKeyManager& keys) noexcept
      : algorithms_(algorithms), cache_(cache), encrypter_(encrypter), keys_(keys) {}

  Result<Bytes> wrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                     const KeyRecord& key) override;
  // PsaErrorInvalidArgument for an RSA public key, too. Whether it was OAEP or KWP that failed, or
  // that the key between them had another length, is neither told nor does it save any work.
  Result<NewKey> unwrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm, ByteView wrapped,
                        const psa::KeyAttributes& attributes) override;

 private:
  Result<Bytes> wrapped_by_rsa(const KeyRecord& wrapping, psa::Hash hash, ByteView data);
  Result<SecretBuffer> unwrapped(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                                 ByteView wrapped);
  Result<SecretBuffer> unwrapped_by_rsa(const KeyRecord& wrapping, psa::Hash hash,
                                        ByteView wrapped);
  const EVP_CIPHER* cipher_behind_rsa() const noexcept;

  const Algorithms& algorithms_;
  KeyCache& cache_;
  EvpEncrypter& encrypter_;
  EvpKeyManager& keys_;
};

}  // namespace strongroom::software
