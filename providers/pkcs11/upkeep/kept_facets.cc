#include "providers/pkcs11/upkeep/kept_facets.h"

#include <utility>

#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// What an administrator may allow, the log has to say of whom.
template <typename Make>
Result<NewKey> KeptKeyManager::made(Make make) {
  auto key = access_.use([&](auto& token) { return make(*token.keys()); });
  if (!key && key.error().status() == Status::PsaErrorNotPermitted)
    key.error().add_context(fmt::format("provider '{}'", access_.token().name()));
  return key;
}

Result<NewKey> KeptKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                        SecretBuffer material) {
  return made([&](auto& keys) { return keys.generate(attributes, stop, std::move(material)); });
}

Result<NewKey> KeptKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                      SecretBuffer material) {
  if (attributes.type.is_public_key()) return access_.software().keys()->import(attributes, data);
  return made([&](auto& keys) { return keys.import(attributes, data, std::move(material)); });
}

Result<SecretBuffer> KeptKeyManager::export_key(const KeyRecord& key) {
  return access_.use([&](auto& token) { return token.keys()->export_key(key); });
}

Result<> KeptKeyManager::destroy(const KeyRecord& key) {
  TRY(access_.software().keys()->destroy(key));
  if (key.material.is_empty()) return {};
  return access_.use([&](auto& token) { return token.keys()->destroy(key); });
}

Result<std::vector<SecretBuffer>> KeptInventory::materials() {
  return access_.use([](auto& token) { return token.inventory()->materials(); });
}

Result<> KeptInventory::look_for(const KeyRecord& key) {
  return access_.use([&](auto& token) { return token.inventory()->look_for(key); });
}

Result<Bytes> KeptSigner::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                    ByteView hash) {
  return access_.use([&](auto& token) { return token.signer()->sign_hash(key, algorithm, hash); });
}

Result<> KeptSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                 ByteView hash, ByteView signature) {
  TRY(offers_.check(key, algorithm));
  return access_.software().signer()->verify_hash(public_half(key), algorithm, hash, signature);
}

Result<Bytes> KeptSigner::sign_message(const KeyRecord& key,
                                       const psa::AsymmetricSignature& algorithm,
                                       ByteView message) {
  return access_.use(
      [&](auto& token) { return token.signer()->sign_message(key, algorithm, message); });
}

Result<> KeptSigner::verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                    ByteView message, ByteView signature) {
  TRY(offers_.check(key, algorithm));
  return access_.software().signer()->verify_message(public_half(key), algorithm, message,
                                                     signature);
}

Result<Bytes> KeptEncrypter::encrypt(const KeyRecord& key,
                                     const psa::AsymmetricEncryption& algorithm, ByteView plaintext,
                                     ByteView label) {
  TRY(offers_.check(key, algorithm));
  TRY(offers_.check_label(key, algorithm, label));
  return access_.software().encrypter()->encrypt(public_half(key), algorithm, plaintext, label);
}

Result<SecretBuffer> KeptEncrypter::decrypt(const KeyRecord& key,
                                            const psa::AsymmetricEncryption& algorithm,
                                            ByteView ciphertext, ByteView label) {
  return access_.use(
      [&](auto& token) { return token.encrypter()->decrypt(key, algorithm, ciphertext, label); });
}

Result<Bytes> KeptAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                const AeadInput& input, ByteView plaintext) {
  return access_.use(
      [&](auto& token) { return token.aead()->encrypt(key, algorithm, input, plaintext); });
}

Result<SecretBuffer> KeptAead::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                       const AeadInput& input, ByteView ciphertext) {
  return access_.use(
      [&](auto& token) { return token.aead()->decrypt(key, algorithm, input, ciphertext); });
}

Result<Bytes> KeptCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) {
  return access_.use(
      [&](auto& token) { return token.cipher()->encrypt(key, algorithm, plaintext); });
}

Result<SecretBuffer> KeptCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                         ByteView ciphertext) {
  return access_.use(
      [&](auto& token) { return token.cipher()->decrypt(key, algorithm, ciphertext); });
}

Result<Bytes> KeptMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                     ByteView input) {
  return access_.use([&](auto& token) { return token.mac()->compute(key, algorithm, input); });
}

Result<> KeptMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                               ByteView mac) {
  return access_.use([&](auto& token) { return token.mac()->verify(key, algorithm, input, mac); });
}

Result<SecretBuffer> KeptKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                          ByteView peer) {
  return access_.use([&](auto& token) { return token.key_agreer()->agree(key, algorithm, peer); });
}

Result<SecretBuffer> KeptRandomSource::generate(std::size_t size) {
  return access_.use([&](auto& token) { return token.random()->generate(size); });
}

}  // namespace strongroom::pkcs11
