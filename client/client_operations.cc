// The calls of Client, each of which sends what strongroom::requests prepares.
#include "strongroom/client.h"

namespace strongroom {

ClientResult<WireVersion> Client::ping() {
  return call(requests::ping());
}

ClientResult<std::vector<ProviderInfo>> Client::list_providers() {
  return call(requests::list_providers());
}

ClientResult<std::vector<AuthenticatorInfo>> Client::list_authenticators() {
  return call(requests::list_authenticators());
}

ClientResult<std::vector<Opcode>> Client::list_opcodes(ProviderId provider) {
  return call(requests::list_opcodes(provider));
}

ClientResult<std::vector<KeyInfo>> Client::list_keys() {
  return call(requests::list_keys());
}

ClientResult<std::vector<std::string>> Client::list_clients() {
  return call(requests::list_clients());
}

ClientResult<> Client::delete_client(std::string_view client) {
  return call(requests::delete_client(client));
}

ClientResult<ServiceStatus> Client::status() {
  return call(requests::status());
}

ClientResult<ReloadAnswer> Client::reload() {
  return call(requests::reload());
}

ClientResult<ProviderAnswer> Client::control_provider(std::string_view provider,
                                                      ProviderAction action) {
  return call(requests::control_provider(provider, action));
}

ClientResult<StoreCheckAnswer> Client::check_store(StoreAcceptance acceptance) {
  return call(requests::check_store(acceptance));
}

ClientResult<StoreCheckAnswer> Client::repair_store(std::span<const std::string> subjects) {
  return call(requests::repair_store(subjects));
}

ClientResult<> Client::generate_key(std::string_view name, const psa::KeyAttributes& attributes) {
  return call(requests::generate_key(name, attributes));
}

ClientResult<> Client::import_key(std::string_view name, const psa::KeyAttributes& attributes,
                                  ByteView data) {
  return call(requests::import_key(name, attributes, data));
}

ClientResult<SecretBytes> Client::export_key(std::string_view name) {
  return call(requests::export_key(name));
}

ClientResult<Bytes> Client::export_public_key(std::string_view name) {
  return call(requests::export_public_key(name));
}

ClientResult<> Client::destroy_key(std::string_view name) {
  return call(requests::destroy_key(name));
}

ClientResult<KeyDetails> Client::key_info(std::string_view name) {
  return call(requests::key_info(name));
}

ClientResult<> Client::derive_key(std::string_view secret, const psa::Algorithm& algorithm,
                                  const DerivationParameters& parameters, std::string_view new_key,
                                  const psa::KeyAttributes& attributes) {
  return call(requests::derive_key(secret, algorithm, parameters, new_key, attributes));
}

ClientResult<Bytes> Client::wrap_key(std::string_view key, std::string_view wrapping_key,
                                     const psa::KeyWrap& algorithm) {
  return call(requests::wrap_key(key, wrapping_key, algorithm));
}

ClientResult<> Client::unwrap_key(std::string_view new_key, const psa::KeyAttributes& attributes,
                                  std::string_view unwrapping_key, const psa::KeyWrap& algorithm,
                                  ByteView wrapped_key) {
  return call(requests::unwrap_key(new_key, attributes, unwrapping_key, algorithm, wrapped_key));
}

ClientResult<std::vector<Bytes>> Client::sign_hashes(std::string_view key,
                                                     const psa::AsymmetricSignature& algorithm,
                                                     std::span<const Bytes> hashes) {
  return call(requests::sign_hashes(key, algorithm, hashes));
}

ClientResult<std::vector<Bytes>> Client::sign_messages(std::string_view key,
                                                       const psa::AsymmetricSignature& algorithm,
                                                       std::span<const Bytes> messages) {
  return call(requests::sign_messages(key, algorithm, messages));
}

ClientResult<SealedText> Client::aead_seal(std::string_view key, const psa::Aead& algorithm,
                                           ByteView additional_data, ByteView plaintext) {
  return call(requests::aead_seal(key, algorithm, additional_data, plaintext));
}

ClientResult<Bytes> Client::sign_hash(std::string_view key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  return call(requests::sign_hash(key, algorithm, hash));
}

ClientResult<> Client::verify_hash(std::string_view key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  return call(requests::verify_hash(key, algorithm, hash, signature));
}

ClientResult<Bytes> Client::sign_message(std::string_view key,
                                         const psa::AsymmetricSignature& algorithm,
                                         ByteView message) {
  return call(requests::sign_message(key, algorithm, message));
}

ClientResult<> Client::verify_message(std::string_view key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message,
                                      ByteView signature) {
  return call(requests::verify_message(key, algorithm, message, signature));
}

ClientResult<Bytes> Client::asymmetric_encrypt(std::string_view key,
                                               const psa::AsymmetricEncryption& algorithm,
                                               ByteView plaintext, ByteView label) {
  return call(requests::asymmetric_encrypt(key, algorithm, plaintext, label));
}

ClientResult<SecretBytes> Client::asymmetric_decrypt(std::string_view key,
                                                     const psa::AsymmetricEncryption& algorithm,
                                                     ByteView ciphertext, ByteView label) {
  return call(requests::asymmetric_decrypt(key, algorithm, ciphertext, label));
}

ClientResult<Bytes> Client::aead_encrypt(std::string_view key, const psa::Aead& algorithm,
                                         ByteView nonce, ByteView additional_data,
                                         ByteView plaintext) {
  return call(requests::aead_encrypt(key, algorithm, nonce, additional_data, plaintext));
}

ClientResult<SecretBytes> Client::aead_decrypt(std::string_view key, const psa::Aead& algorithm,
                                               ByteView nonce, ByteView additional_data,
                                               ByteView ciphertext) {
  return call(requests::aead_decrypt(key, algorithm, nonce, additional_data, ciphertext));
}

ClientResult<Bytes> Client::cipher_encrypt(std::string_view key, psa::Cipher algorithm,
                                           ByteView plaintext) {
  return call(requests::cipher_encrypt(key, algorithm, plaintext));
}

ClientResult<SecretBytes> Client::cipher_decrypt(std::string_view key, psa::Cipher algorithm,
                                                 ByteView ciphertext) {
  return call(requests::cipher_decrypt(key, algorithm, ciphertext));
}

ClientResult<Bytes> Client::mac_compute(std::string_view key, const psa::Mac& algorithm,
                                        ByteView input) {
  return call(requests::mac_compute(key, algorithm, input));
}

ClientResult<> Client::mac_verify(std::string_view key, const psa::Mac& algorithm, ByteView input,
                                  ByteView mac) {
  return call(requests::mac_verify(key, algorithm, input, mac));
}

ClientResult<SecretBytes> Client::raw_key_agreement(std::string_view private_key,
                                                    psa::RawKeyAgreement algorithm,
                                                    ByteView peer_key) {
  return call(requests::raw_key_agreement(private_key, algorithm, peer_key));
}

ClientResult<Bytes> Client::hash_compute(psa::Hash hash, ByteView input) {
  return call(requests::hash_compute(hash, input));
}

ClientResult<> Client::hash_compare(psa::Hash hash, ByteView input, ByteView digest) {
  return call(requests::hash_compare(hash, input, digest));
}

ClientResult<SecretBytes> Client::generate_random(std::uint64_t bytes) {
  return call(requests::generate_random(bytes));
}

ClientResult<> Client::can_do_crypto(CryptoCheck check, const psa::KeyAttributes& attributes) {
  return call(requests::can_do_crypto(check, attributes));
}

}  // namespace strongroom
