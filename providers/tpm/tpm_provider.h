// The provider that keeps keys in a TPM 2.0.
#pragma once

#include <memory>
#include <string>

#include "providers/provider.h"
#include "providers/tpm/facets/access.h"
#include "providers/tpm/facets/attester.h"
#include "providers/tpm/facets/cipher.h"
#include "providers/tpm/facets/encrypter.h"
#include "providers/tpm/facets/key_agreer.h"
#include "providers/tpm/facets/key_manager.h"
#include "providers/tpm/facets/mac_signer.h"
#include "providers/tpm/facets/random_source.h"
#include "providers/tpm/facets/signer.h"

namespace strongroom {

// What needs no secret is done in software: public keys and hashing. All else goes to one thread,
// which owns the TPM.
class TpmProvider final : public Provider {
 public:
  struct Settings {
    std::string tcti;
    tpm::RootType root = tpm::RootType::EccP256;
    // Asked whenever the password of the owner hierarchy is needed; without it, there is none.
    tpm::Tpm::OwnerAuthSource owner_auth_source{};
    tpm::Endorsement::AuthSource endorsement_auth_source{};
    tpm::Access::Limits limits{};
    // Instead of opening `tcti`, which still names it.
    tpm::TctiOpener opener{};
    // Serves from the beginning without it, and not before its begin() with it.
    Upkeep::Kind upkeep = Upkeep::Kind::Upkeep;
  };

  // A TPM that is absent does not fail it; each request asks anew.
  static Result<std::unique_ptr<TpmProvider>> create(std::string instance_name, Settings settings);

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;

  KeyManager* keys() noexcept override { return &keys_; }
  Signer* signer() noexcept override { return &signer_; }
  Encrypter* encrypter() noexcept override { return &encrypter_; }
  Cipher* cipher() noexcept override { return &cipher_; }
  MacSigner* mac() noexcept override { return &mac_; }
  Hasher* hasher() noexcept override { return access_.software().hasher(); }
  KeyAgreer* key_agreer() noexcept override { return &key_agreer_; }
  RandomSource* random() noexcept override { return &random_; }
  Attester* attester() noexcept override { return &attester_; }
  Maintenance* maintenance() noexcept override { return &access_.upkeep(); }

  // From now on; must be readable.
  void use_owner_auth(tpm::Tpm::OwnerAuthSource source);
  void use_endorsement_auth(tpm::Endorsement::AuthSource source);
  Upkeep& upkeep() noexcept { return access_.upkeep(); }
  // Whoever else wants something of the TPM goes the same way: a process has one executor for each.
  const std::shared_ptr<tpm::Executor>& executor() const noexcept { return access_.executor(); }

 private:
  TpmProvider(std::string instance_name, std::shared_ptr<tpm::Executor> executor,
              std::unique_ptr<SoftwareProvider> software, const Settings& settings);

  ProviderDescription description_;
  mutable tpm::Access access_;
  tpm::TpmKeyManager keys_{access_};
  tpm::TpmSigner signer_{access_};
  tpm::TpmEncrypter encrypter_{access_};
  tpm::TpmCipher cipher_{access_};
  tpm::TpmMacSigner mac_{access_};
  tpm::TpmKeyAgreer key_agreer_{access_};
  tpm::TpmRandomSource random_{access_};
  tpm::TpmAttester attester_{access_};
};

}  // namespace strongroom
