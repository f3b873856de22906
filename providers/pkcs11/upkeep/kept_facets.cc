#include "providers/pkcs11/upkeep/kept_facets.h"

#include <utility>

#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

// What an administrator may allow, the log has to say of whom.
Result<NewKey> KeptKeyManager::told(Result<NewKey> made) {
  if (!made && made.error().status() == Status::PsaErrorNotPermitted)
    made.error().add_context(fmt::format("provider '{}'", access_.token().name()));
  return made;
}

Result<NewKey> KeptKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                        SecretBuffer material) {
  return told(access_.call<&Provider::keys, &KeyManager::generate>(attributes, std::move(stop),
                                                                   std::move(material)));
}

Result<NewKey> KeptKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                      SecretBuffer material) {
  if (attributes.type.is_public_key()) return access_.software().keys()->import(attributes, data);
  return told(
      access_.call<&Provider::keys, &KeyManager::import>(attributes, data, std::move(material)));
}

Result<SecretBuffer> KeptKeyManager::export_key(const KeyRecord& key) {
  return access_.call<&Provider::keys, &KeyManager::export_key>(key);
}

Result<> KeptKeyManager::destroy(const KeyRecord& key) {
  TRY(access_.software().keys()->destroy(key));
  if (key.material.is_empty()) return {};
  return access_.call<&Provider::keys, &KeyManager::destroy>(key);
}

Result<std::vector<SecretBuffer>> KeptInventory::materials() {
  return access_.call<&Provider::inventory, &KeyInventory::materials>();
}

Result<> KeptInventory::look_for(const KeyRecord& key) {
  return access_.call<&Provider::inventory, &KeyInventory::look_for>(key);
}

Result<std::string> KeptInventory::describe(const SecretBuffer& material) {
  return access_.call<&Provider::inventory, &KeyInventory::describe>(material);
}

Result<Bytes> KeptSigner::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                    ByteView hash) {
  return access_.call<&Provider::signer, &Signer::sign_hash>(key, algorithm, hash);
}

Result<> KeptSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                 ByteView hash, ByteView signature) {
  TRY(offers_.check(key, algorithm));
  return access_.software().signer()->verify_hash(public_half(key), algorithm, hash, signature);
}

Result<Bytes> KeptSigner::sign_message(const KeyRecord& key,
                                       const psa::AsymmetricSignature& algorithm,
                                       ByteView message) {
  return access_.call<&Provider::signer, &Signer::sign_message>(key, algorithm, message);
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
  return access_.call<&Provider::encrypter, &Encrypter::decrypt>(key, algorithm, ciphertext, label);
}

Result<Bytes> KeptAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                const AeadInput& input, ByteView plaintext) {
  return access_.call<&Provider::aead, &AeadCipher::encrypt>(key, algorithm, input, plaintext);
}

Result<SecretBuffer> KeptAead::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                       const AeadInput& input, ByteView ciphertext) {
  return access_.call<&Provider::aead, &AeadCipher::decrypt>(key, algorithm, input, ciphertext);
}

Result<Bytes> KeptCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) {
  return access_.call<&Provider::cipher, &Cipher::encrypt>(key, algorithm, plaintext);
}

Result<SecretBuffer> KeptCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                         ByteView ciphertext) {
  return access_.call<&Provider::cipher, &Cipher::decrypt>(key, algorithm, ciphertext);
}

Result<Bytes> KeptMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                     ByteView input) {
  return access_.call<&Provider::mac, &MacSigner::compute>(key, algorithm, input);
}

Result<> KeptMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                               ByteView mac) {
  return access_.call<&Provider::mac, &MacSigner::verify>(key, algorithm, input, mac);
}

Result<SecretBuffer> KeptKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                          ByteView peer) {
  return access_.call<&Provider::key_agreer, &KeyAgreer::agree>(key, algorithm, peer);
}

Result<SecretBuffer> KeptRandomSource::generate(std::size_t size) {
  return access_.call<&Provider::random, &RandomSource::generate>(size);
}

}  // namespace strongroom::pkcs11
