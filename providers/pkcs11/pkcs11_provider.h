// The provider that keeps keys in a PKCS#11 token.
#pragma once

#include <memory>
#include <string>

#include "providers/pkcs11/facets/access.h"
#include "providers/pkcs11/facets/aead.h"
#include "providers/pkcs11/facets/cipher.h"
#include "providers/pkcs11/facets/encrypter.h"
#include "providers/pkcs11/facets/inventory.h"
#include "providers/pkcs11/facets/key_agreer.h"
#include "providers/pkcs11/facets/key_manager.h"
#include "providers/pkcs11/facets/mac.h"
#include "providers/pkcs11/facets/random_source.h"
#include "providers/pkcs11/facets/signer.h"
#include "providers/pkcs11/token_backend.h"

namespace strongroom {

// Keys in the token, whose module is called on the threads of the callers. Public keys are none;
// what is done with the public half of a pair is done in software.
class Pkcs11Provider final : public pkcs11::TokenBackend {
 public:
  struct Settings {
    // Of RFC 7512, with the module.
    std::string uri;
    std::optional<pkcs11::TokenIdentity> remembered{};
    pkcs11::Login::Settings login{};
    // By name, beside those that are known of the token's manufacturer.
    std::vector<std::string> quirks{};
    std::size_t most_sessions = 16;
    std::chrono::milliseconds patience{8'000};
    std::chrono::milliseconds pause{1'000};
    pkcs11::Access::Creation creation{};
  };

  // PsaErrorInvalidArgument for a URI or a quirk that is none.
  static Result<> check(const Settings& settings);
  // Of settings that are good. A token that is absent, a module that does not load, a PIN that is
  // refused do not fail it; each request asks anew, but for the PIN.
  static Result<std::unique_ptr<Pkcs11Provider>> create(std::string instance_name,
                                                        Settings settings);

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;

  KeyManager* keys() noexcept override { return &keys_; }
  pkcs11::TokenKeyManager& token_keys() noexcept { return keys_; }
  Signer* signer() noexcept override { return &signer_; }
  Encrypter* encrypter() noexcept override { return &encrypter_; }
  AeadCipher* aead() noexcept override { return &aead_; }
  Cipher* cipher() noexcept override { return &cipher_; }
  MacSigner* mac() noexcept override { return &mac_; }
  Hasher* hasher() noexcept override { return access_.software().hasher(); }
  KeyAgreer* key_agreer() noexcept override { return &key_agreer_; }
  RandomSource* random() noexcept override { return &random_; }
  KeyInventory* inventory() noexcept override { return &inventory_; }

  Result<pkcs11::TokenIdentity> identity() override { return access_.token().identity(); }
  bool is_login_stopped() const override { return access_.token().login().is_stopped(); }
  void allow_login() override { access_.token().allow_login(); }
  Result<bool> destroy_seen(const KeyRecord& key) override { return keys_.destroy_seen(key); }

 private:
  Pkcs11Provider(std::string instance_name, pkcs11::Token::Settings token,
                 std::unique_ptr<SoftwareProvider> software, pkcs11::Access::Creation creation);

  ProviderDescription description_;
  mutable pkcs11::Access access_;
  pkcs11::TokenKeyManager keys_{access_};
  pkcs11::TokenSigner signer_{access_};
  pkcs11::TokenEncrypter encrypter_{access_};
  pkcs11::TokenAead aead_{access_};
  pkcs11::TokenCipher cipher_{access_};
  pkcs11::TokenMacSigner mac_{access_};
  pkcs11::TokenKeyAgreer key_agreer_{access_};
  pkcs11::TokenRandomSource random_{access_};
  pkcs11::TokenInventory inventory_{access_};
};

}  // namespace strongroom
