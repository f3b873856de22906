// The provider that keeps keys itself and computes with OpenSSL.
#pragma once

#include <memory>
#include <string>

#include "providers/provider.h"
#include "providers/software/algorithms.h"
#include "providers/software/derivation/key_deriver.h"
#include "providers/software/encrypter.h"
#include "providers/software/hasher.h"
#include "providers/software/key_agreer.h"
#include "providers/software/key_manager.h"
#include "providers/software/keys/key_cache.h"
#include "providers/software/random_source.h"
#include "providers/software/signing/signer.h"
#include "providers/software/symmetric/aead.h"
#include "providers/software/symmetric/cipher.h"
#include "providers/software/symmetric/mac.h"
#include "providers/software/wrapping/key_wrapper.h"

namespace strongroom {

// Key material is the record's; the provider itself keeps only a cache of keys in use.
class SoftwareProvider final : public Provider {
 public:
  static constexpr std::size_t kCachedKeys = 1024;

  struct Settings {
    std::size_t cached_keys = kCachedKeys;
    // Whether MD4, single DES and RC4 are offered, where OpenSSL's legacy provider is installed.
    bool allow_deprecated = false;
  };

  // Fails when libcrypto lacks an algorithm of the first rank.
  static Result<std::unique_ptr<SoftwareProvider>> create(std::string instance_name);
  static Result<std::unique_ptr<SoftwareProvider>> create(std::string instance_name,
                                                          const Settings& settings);

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;

  KeyManager* keys() noexcept override { return &keys_; }
  Signer* signer() noexcept override { return &signer_; }
  Encrypter* encrypter() noexcept override { return &encrypter_; }
  AeadCipher* aead() noexcept override { return &aead_; }
  Cipher* cipher() noexcept override { return &cipher_; }
  MacSigner* mac() noexcept override { return &mac_; }
  Hasher* hasher() noexcept override { return &hasher_; }
  KeyAgreer* key_agreer() noexcept override { return &key_agreer_; }
  KeyWrapper* key_wrapper() noexcept override { return &wrapper_; }
  KeyDeriver* key_deriver() noexcept override { return &key_deriver_; }
  RandomSource* random() noexcept override { return &random_; }

  // For set_secret_memory_reclaimer(): lets go of the cached keys, which live on the secure heap in
  // part, and says whether there were any.
  bool drop_cached_keys() noexcept { return cache_.drop_all(); }

 private:
  SoftwareProvider(std::string instance_name, software::Algorithms algorithms,
                   std::size_t cached_keys);

  ProviderDescription description_;
  software::Algorithms algorithms_;
  software::KeyCache cache_;
  software::EvpKeyManager keys_{algorithms_, cache_};
  software::EvpSigner signer_{algorithms_, cache_};
  software::EvpEncrypter encrypter_{algorithms_, cache_};
  software::EvpAeadCipher aead_{algorithms_};
  software::EvpCipher cipher_{algorithms_};
  software::EvpMacSigner mac_{algorithms_};
  software::EvpHasher hasher_{algorithms_};
  software::EvpKeyAgreer key_agreer_{algorithms_, cache_};
  software::EvpKeyWrapper wrapper_{algorithms_, cache_, encrypter_, keys_};
  software::EvpKeyDeriver key_deriver_{algorithms_, keys_, key_agreer_};
  software::EvpRandomSource random_;
};

}  // namespace strongroom
