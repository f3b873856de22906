// The provider that keeps keys in a PKCS#11 token whose module runs in processes of its own.
#pragma once

#include <memory>
#include <string>

#include "providers/token_worker/daemon/remote_facets.h"
#include "providers/token_worker/daemon/worker_pool.h"
#include "providers/token_worker/worker_process.h"
#include "providers/token_worker/worker_settings.h"

namespace strongroom {

// Workers are started when they are needed, and again when they are lost, which costs the request
// that one was serving: PsaErrorCommunicationFailure. Hashing is done here. Any thread.
class WorkerProvider final : public pkcs11::TokenBackend {
 public:
  // PsaErrorInvalidArgument as Pkcs11Provider::check(). Starts nothing yet.
  static Result<std::unique_ptr<WorkerProvider>> create(
      std::string instance_name, token_worker::WorkerSettings settings,
      std::shared_ptr<token_worker::WorkerStarter> starter);
  ~WorkerProvider() override { pool_->end(); }
  WorkerProvider(const WorkerProvider&) = delete;
  WorkerProvider& operator=(const WorkerProvider&) = delete;

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;

  KeyManager* keys() noexcept override { return &keys_; }
  Signer* signer() noexcept override { return &signer_; }
  Encrypter* encrypter() noexcept override { return &encrypter_; }
  AeadCipher* aead() noexcept override { return &aead_; }
  Cipher* cipher() noexcept override { return &cipher_; }
  MacSigner* mac() noexcept override { return &mac_; }
  Hasher* hasher() noexcept override { return software_->hasher(); }
  KeyAgreer* key_agreer() noexcept override { return &key_agreer_; }
  RandomSource* random() noexcept override { return &random_; }
  KeyInventory* inventory() noexcept override { return &inventory_; }

  Result<pkcs11::TokenIdentity> identity() override;
  bool is_login_stopped() const override { return pool_->gate().is_stopped(); }
  // Workers that are there are replaced.
  void allow_login() override;

  void close() override { pool_->close(); }

  // How the workers' confinement falls short of what was asked for, for the operator: "the kernel
  // has no Landlock". Empty before the first has been started, and when it does not.
  std::string missing_confinement() const override { return pool_->missing_confinement(); }

 private:
  WorkerProvider(ProviderDescription description, token_worker::WorkerSettings settings,
                 std::shared_ptr<token_worker::WorkerStarter> starter,
                 std::unique_ptr<SoftwareProvider> software);

  ProviderDescription description_;
  std::unique_ptr<SoftwareProvider> software_;
  const std::shared_ptr<token_worker::WorkerPool> pool_;
  token_worker::RemoteKeyManager keys_{*pool_, *software_};
  token_worker::RemoteSigner signer_{*pool_, *software_};
  token_worker::RemoteEncrypter encrypter_{*pool_, *software_};
  token_worker::RemoteAead aead_{*pool_};
  token_worker::RemoteCipher cipher_{*pool_};
  token_worker::RemoteMacSigner mac_{*pool_};
  token_worker::RemoteKeyAgreer key_agreer_{*pool_};
  token_worker::RemoteRandomSource random_{*pool_};
  token_worker::RemoteInventory inventory_{*pool_};
};

}  // namespace strongroom
