// The provider of a token that is kept in use, wherever its module runs.
#pragma once

#include <memory>
#include <string>

#include "providers/pkcs11/installation_label.h"
#include "providers/pkcs11/upkeep/kept_facets.h"
#include "providers/pkcs11/upkeep/token_thread.h"

namespace strongroom {

// Serves once its upkeep has begun and found the token. What needs no secret needs no token either:
// hashing, and all that is done with public keys and public halves. For any thread, use_pin()
// among them; looks run on one that it owns.
class KeptTokenProvider final : public Provider {
 public:
  using Label = std::shared_ptr<pkcs11::InstallationLabel>;
  static Label new_label() { return std::make_shared<pkcs11::InstallationLabel>(); }
  // `make` takes the label that is given with it.
  // ConnectionError when the system has no thread to give. Asks the token nothing.
  static Result<std::unique_ptr<KeptTokenProvider>> create(std::string instance_name,
                                                           pkcs11::KeptToken::Make make,
                                                           pkcs11::PinInUse::Source pin,
                                                           Label label = new_label());
  // Jobs hold what they need: it would outlive this, and end when the process does, or later.
  ~KeptTokenProvider() override { thread_->end(); }
  KeptTokenProvider(const KeptTokenProvider&) = delete;
  KeptTokenProvider& operator=(const KeptTokenProvider&) = delete;

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;

  KeyManager* keys() noexcept override { return &keys_; }
  Signer* signer() noexcept override { return &signer_; }
  Encrypter* encrypter() noexcept override { return &encrypter_; }
  AeadCipher* aead() noexcept override { return &aead_; }
  Cipher* cipher() noexcept override { return &cipher_; }
  MacSigner* mac() noexcept override { return &mac_; }
  Hasher* hasher() noexcept override { return access_.software().hasher(); }
  KeyAgreer* key_agreer() noexcept override { return &key_agreer_; }
  RandomSource* random() noexcept override { return &random_; }
  KeyInventory* inventory() noexcept override { return &inventory_; }
  Maintenance* maintenance() noexcept override { return &access_.upkeep(); }

  // Of the objects that it makes; has to begin.
  pkcs11::InstallationLabel& label() noexcept { return *label_; }

  // From the next login on; in the place of a refused PIN it is tried at the next look.
  void use_pin(pkcs11::PinInUse::Source pin);

 private:
  KeptTokenProvider(std::string instance_name, std::shared_ptr<pkcs11::KeptToken> token,
                    std::shared_ptr<pkcs11::TokenThread> thread,
                    std::unique_ptr<SoftwareProvider> software, Label label);

  ProviderDescription description_;
  const Label label_;
  const std::shared_ptr<pkcs11::TokenThread> thread_;
  mutable pkcs11::TokenAccess access_;
  pkcs11::KeptKeyManager keys_{access_};
  pkcs11::KeptInventory inventory_{access_};
  pkcs11::Offers offers_{access_};
  pkcs11::KeptSigner signer_{access_, offers_};
  pkcs11::KeptEncrypter encrypter_{access_, offers_};
  pkcs11::KeptAead aead_{access_};
  pkcs11::KeptCipher cipher_{access_};
  pkcs11::KeptMacSigner mac_{access_};
  pkcs11::KeptKeyAgreer key_agreer_{access_};
  pkcs11::KeptRandomSource random_{access_};
};

}  // namespace strongroom
