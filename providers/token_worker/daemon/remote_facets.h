// The facets of a provider whose token is in workers: each call is one message. What needs no
// secret no worker is asked about: whatever runs there may be another's by now. For the same reason
// answers are those of another until they have been looked at.
#pragma once

#include "providers/facets.h"
#include "providers/software/software_provider.h"
#include "providers/token_worker/daemon/worker_pool.h"

namespace strongroom::token_worker {

// As pkcs11::TokenKeyManager.
class RemoteKeyManager final : public KeyManager {
 public:
  RemoteKeyManager(WorkerPool& pool, SoftwareProvider& software) noexcept
      : pool_(pool), software_(software) {}

  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;

 private:
  WorkerPool& pool_;
  SoftwareProvider& software_;
};

class RemoteInventory final : public KeyInventory {
 public:
  explicit RemoteInventory(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<std::vector<SecretBuffer>> materials() override;
  Result<> look_for(const KeyRecord& key) override;
  Result<std::string> describe(const SecretBuffer& material) override;

 private:
  WorkerPool& pool_;
};

class RemoteSigner final : public Signer {
 public:
  RemoteSigner(WorkerPool& pool, SoftwareProvider& software) noexcept
      : pool_(pool), software_(software) {}
  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

 private:
  WorkerPool& pool_;
  SoftwareProvider& software_;
};

class RemoteEncrypter final : public Encrypter {
 public:
  RemoteEncrypter(WorkerPool& pool, SoftwareProvider& software) noexcept
      : pool_(pool), software_(software) {}
  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;

 private:
  WorkerPool& pool_;
  SoftwareProvider& software_;
};

class RemoteAead final : public AeadCipher {
 public:
  explicit RemoteAead(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;

 private:
  WorkerPool& pool_;
};

class RemoteCipher final : public Cipher {
 public:
  explicit RemoteCipher(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;

 private:
  WorkerPool& pool_;
};

class RemoteMacSigner final : public MacSigner {
 public:
  explicit RemoteMacSigner(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;

 private:
  WorkerPool& pool_;
};

class RemoteKeyAgreer final : public KeyAgreer {
 public:
  explicit RemoteKeyAgreer(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;

 private:
  WorkerPool& pool_;
};

// A piece at a time: long requests take turns with others.
class RemoteRandomSource final : public RandomSource {
 public:
  explicit RemoteRandomSource(WorkerPool& pool) noexcept : pool_(pool) {}
  Result<SecretBuffer> generate(std::size_t size) override;

 private:
  WorkerPool& pool_;
};

}  // namespace strongroom::token_worker
