// The facets of a token that is kept in use.
#pragma once

#include <memory>

#include "providers/facets.h"
#include "providers/pkcs11/upkeep/kept_token.h"
#include "providers/upkeep/upkeep.h"

namespace strongroom::pkcs11 {

// The way that all of them go. For any thread.
class TokenAccess {
 public:
  TokenAccess(std::shared_ptr<KeptToken> token, std::shared_ptr<Upkeep> upkeep)
      : token_(std::move(token)), upkeep_(std::move(upkeep)) {}

  // Runs `job`, which takes the backend and yields a Result, as long as the token serves.
  template <typename Job>
  auto use(Job job) -> std::invoke_result_t<Job, TokenBackend&> {
    TRY(upkeep_->admit());
    auto backend = TRY(token_->in_use());
    auto result = job(*backend);
    // A key that is not there may be in a token that is not there.
    if (!result && result.error().status() == Status::PsaErrorDoesNotExist)
      if (auto found = backend->identity(); !found)
        result = std::unexpected(std::move(found).error());
    if (!result) upkeep_->note_failure(result.error());
    return result;
  }
  // The same for what needs the backend alone: it is done in software, if it can be.
  template <typename Job>
  auto use_software(Job job) -> std::invoke_result_t<Job, TokenBackend&> {
    auto backend = TRY(token_->in_use());
    return job(*backend);
  }

  KeptToken& token() noexcept { return *token_; }
  Upkeep& upkeep() noexcept { return *upkeep_; }

 private:
  const std::shared_ptr<KeptToken> token_;
  const std::shared_ptr<Upkeep> upkeep_;
};

class KeptFacet {
 public:
  explicit KeptFacet(TokenAccess& access) noexcept : access_(access) {}

 protected:
  TokenAccess& access_;
};

class KeptKeyManager final : public KeyManager, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;
  Result<SecretBuffer> new_material() const override;
  Result<NewKey> generate_as(SecretBuffer material, const psa::KeyAttributes& attributes,
                             std::stop_token stop) override;
  Result<NewKey> import_as(SecretBuffer material, const psa::KeyAttributes& attributes,
                           ByteView data) override;
};

class KeptInventory final : public KeyInventory, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<std::vector<SecretBuffer>> materials() override;
  Result<> look_for(const KeyRecord& key) override;
};

class KeptSigner final : public Signer, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;
};

class KeptEncrypter final : public Encrypter, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;
};

class KeptAead final : public AeadCipher, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;
};

class KeptCipher final : public Cipher, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;
};

class KeptMacSigner final : public MacSigner, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;
};

class KeptKeyAgreer final : public KeyAgreer, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;
};

class KeptRandomSource final : public RandomSource, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<SecretBuffer> generate(std::size_t size) override;
};

}  // namespace strongroom::pkcs11
