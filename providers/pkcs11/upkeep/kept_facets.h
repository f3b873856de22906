// The facets of a token that is kept in use. What needs no secret is software's, whatever the token
// does: public keys, and the public halves of pairs. That is decided here, before anybody asks
// whether the token serves; the backends below, which are also used without upkeep, decide the
// same.
#pragma once

#include "providers/facets.h"
#include "providers/pkcs11/objects/key_material.h"
#include "providers/pkcs11/upkeep/offers.h"
#include "providers/pkcs11/upkeep/token_access.h"

namespace strongroom::pkcs11 {

class KeptFacet {
 public:
  explicit KeptFacet(TokenAccess& access) noexcept : access_(access) {}

 protected:
  TokenAccess& access_;
};

class KeptKeyManager final : public KeyManager, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;
  Result<SecretBuffer> new_material() const override { return pkcs11::new_material(); }

 private:
  Result<NewKey> told(Result<NewKey> made);
};

class KeptInventory final : public KeyInventory, KeptFacet {
 public:
  using KeptFacet::KeptFacet;
  Result<std::vector<SecretBuffer>> materials() override;
  Result<> look_for(const KeyRecord& key) override;
  Result<std::string> describe(const SecretBuffer& material) override;
};

class KeptSigner final : public Signer, KeptFacet {
 public:
  KeptSigner(TokenAccess& access, Offers& offers) noexcept : KeptFacet(access), offers_(offers) {}
  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

 private:
  Offers& offers_;
};

class KeptEncrypter final : public Encrypter, KeptFacet {
 public:
  KeptEncrypter(TokenAccess& access, Offers& offers) noexcept
      : KeptFacet(access), offers_(offers) {}
  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;

 private:
  Offers& offers_;
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
