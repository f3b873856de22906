// Operations with keys, hashes and random bytes.
#include "client/c_api/call.h"
#include "client/c_api/psa_mapping.h"

namespace psa = strongroom::psa;
using strongroom::Bytes;
using strongroom::Client;
using strongroom::ClientResult;
using strongroom::SecretBytes;
using strongroom::c_api::algorithm_as;
using strongroom::c_api::ask_bytes;
using strongroom::c_api::bytes_in;
using strongroom::c_api::tell;
using strongroom::c_api::text_in;

namespace {

ClientResult<psa::AsymmetricSignature> signature_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::AsymmetricSignature>(value, "a signature");
}

ClientResult<psa::AsymmetricEncryption> encryption_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::AsymmetricEncryption>(value, "an asymmetric encryption");
}

ClientResult<psa::Aead> aead_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Aead>(value, "an AEAD");
}

ClientResult<psa::Cipher> cipher_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Cipher>(value, "a cipher");
}

ClientResult<psa::Mac> mac_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Mac>(value, "a MAC");
}

ClientResult<psa::Hash> hash_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Hash>(value, "a hash");
}

}  // namespace

strongroom_status strongroom_sign_hash(strongroom_client* client, const char* key,
                                       strongroom_algorithm algorithm, const uint8_t* hash,
                                       size_t hash_size, strongroom_buffer** signature,
                                       strongroom_error** error) noexcept {
  return ask_bytes(client, signature, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(signature_algorithm(algorithm));
    auto digest = TRY(bytes_in("hash", hash, hash_size));
    return service.sign_hash(name, method, digest);
  });
}

strongroom_status strongroom_sign_message(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* message,
                                          size_t message_size, strongroom_buffer** signature,
                                          strongroom_error** error) noexcept {
  return ask_bytes(client, signature, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(signature_algorithm(algorithm));
    auto text = TRY(bytes_in("message", message, message_size));
    return service.sign_message(name, method, text);
  });
}

strongroom_status strongroom_verify_hash(strongroom_client* client, const char* key,
                                         strongroom_algorithm algorithm, const uint8_t* hash,
                                         size_t hash_size, const uint8_t* signature,
                                         size_t signature_size, strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(signature_algorithm(algorithm));
    auto digest = TRY(bytes_in("hash", hash, hash_size));
    auto claim = TRY(bytes_in("signature", signature, signature_size));
    return service.verify_hash(name, method, digest, claim);
  });
}

strongroom_status strongroom_verify_message(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm, const uint8_t* message,
                                            size_t message_size, const uint8_t* signature,
                                            size_t signature_size,
                                            strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(signature_algorithm(algorithm));
    auto text = TRY(bytes_in("message", message, message_size));
    auto claim = TRY(bytes_in("signature", signature, signature_size));
    return service.verify_message(name, method, text, claim);
  });
}

strongroom_status strongroom_asymmetric_encrypt(strongroom_client* client, const char* key,
                                                strongroom_algorithm algorithm,
                                                const uint8_t* plaintext, size_t plaintext_size,
                                                const uint8_t* label, size_t label_size,
                                                strongroom_buffer** ciphertext,
                                                strongroom_error** error) noexcept {
  return ask_bytes(client, ciphertext, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(encryption_algorithm(algorithm));
    auto input = TRY(bytes_in("plaintext", plaintext, plaintext_size));
    auto tag = TRY(bytes_in("label", label, label_size));
    return service.asymmetric_encrypt(name, method, input, tag);
  });
}

strongroom_status strongroom_asymmetric_decrypt(strongroom_client* client, const char* key,
                                                strongroom_algorithm algorithm,
                                                const uint8_t* ciphertext, size_t ciphertext_size,
                                                const uint8_t* label, size_t label_size,
                                                strongroom_buffer** plaintext,
                                                strongroom_error** error) noexcept {
  return ask_bytes(client, plaintext, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(encryption_algorithm(algorithm));
    auto input = TRY(bytes_in("ciphertext", ciphertext, ciphertext_size));
    auto tag = TRY(bytes_in("label", label, label_size));
    return service.asymmetric_decrypt(name, method, input, tag);
  });
}

strongroom_status strongroom_aead_encrypt(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* nonce,
                                          size_t nonce_size, const uint8_t* additional_data,
                                          size_t additional_data_size, const uint8_t* plaintext,
                                          size_t plaintext_size, strongroom_buffer** ciphertext,
                                          strongroom_error** error) noexcept {
  return ask_bytes(client, ciphertext, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(aead_algorithm(algorithm));
    auto once = TRY(bytes_in("nonce", nonce, nonce_size));
    auto more = TRY(bytes_in("additional_data", additional_data, additional_data_size));
    auto input = TRY(bytes_in("plaintext", plaintext, plaintext_size));
    return service.aead_encrypt(name, method, once, more, input);
  });
}

strongroom_status strongroom_aead_decrypt(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* nonce,
                                          size_t nonce_size, const uint8_t* additional_data,
                                          size_t additional_data_size, const uint8_t* ciphertext,
                                          size_t ciphertext_size, strongroom_buffer** plaintext,
                                          strongroom_error** error) noexcept {
  return ask_bytes(client, plaintext, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(aead_algorithm(algorithm));
    auto once = TRY(bytes_in("nonce", nonce, nonce_size));
    auto more = TRY(bytes_in("additional_data", additional_data, additional_data_size));
    auto input = TRY(bytes_in("ciphertext", ciphertext, ciphertext_size));
    return service.aead_decrypt(name, method, once, more, input);
  });
}

strongroom_status strongroom_cipher_encrypt(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm,
                                            const uint8_t* plaintext, size_t plaintext_size,
                                            strongroom_buffer** ciphertext,
                                            strongroom_error** error) noexcept {
  return ask_bytes(client, ciphertext, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(cipher_algorithm(algorithm));
    auto input = TRY(bytes_in("plaintext", plaintext, plaintext_size));
    return service.cipher_encrypt(name, method, input);
  });
}

strongroom_status strongroom_cipher_decrypt(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm,
                                            const uint8_t* ciphertext, size_t ciphertext_size,
                                            strongroom_buffer** plaintext,
                                            strongroom_error** error) noexcept {
  return ask_bytes(client, plaintext, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(cipher_algorithm(algorithm));
    auto input = TRY(bytes_in("ciphertext", ciphertext, ciphertext_size));
    return service.cipher_decrypt(name, method, input);
  });
}

strongroom_status strongroom_mac_compute(strongroom_client* client, const char* key,
                                         strongroom_algorithm algorithm, const uint8_t* input,
                                         size_t input_size, strongroom_buffer** mac,
                                         strongroom_error** error) noexcept {
  return ask_bytes(client, mac, error, [&](Client& service) -> ClientResult<Bytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(mac_algorithm(algorithm));
    auto text = TRY(bytes_in("input", input, input_size));
    return service.mac_compute(name, method, text);
  });
}

strongroom_status strongroom_mac_verify(strongroom_client* client, const char* key,
                                        strongroom_algorithm algorithm, const uint8_t* input,
                                        size_t input_size, const uint8_t* mac, size_t mac_size,
                                        strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(mac_algorithm(algorithm));
    auto text = TRY(bytes_in("input", input, input_size));
    auto claim = TRY(bytes_in("mac", mac, mac_size));
    return service.mac_verify(name, method, text, claim);
  });
}

strongroom_status strongroom_raw_key_agreement(strongroom_client* client, const char* key,
                                               strongroom_algorithm algorithm,
                                               const uint8_t* peer_key, size_t peer_key_size,
                                               strongroom_buffer** secret,
                                               strongroom_error** error) noexcept {
  return ask_bytes(client, secret, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto name = TRY(text_in("key", key));
    auto method = TRY(strongroom::c_api::raw_agreement_from(algorithm));
    auto peer = TRY(bytes_in("peer_key", peer_key, peer_key_size));
    return service.raw_key_agreement(name, method, peer);
  });
}

strongroom_status strongroom_hash_compute(strongroom_client* client, strongroom_algorithm algorithm,
                                          const uint8_t* input, size_t input_size,
                                          strongroom_buffer** hash,
                                          strongroom_error** error) noexcept {
  return ask_bytes(client, hash, error, [&](Client& service) -> ClientResult<Bytes> {
    auto method = TRY(hash_algorithm(algorithm));
    auto text = TRY(bytes_in("input", input, input_size));
    return service.hash_compute(method, text);
  });
}

strongroom_status strongroom_hash_compare(strongroom_client* client, strongroom_algorithm algorithm,
                                          const uint8_t* input, size_t input_size,
                                          const uint8_t* hash, size_t hash_size,
                                          strongroom_error** error) noexcept {
  return tell(client, error, [&](Client& service) -> ClientResult<> {
    auto method = TRY(hash_algorithm(algorithm));
    auto text = TRY(bytes_in("input", input, input_size));
    auto digest = TRY(bytes_in("hash", hash, hash_size));
    return service.hash_compare(method, text, digest);
  });
}

strongroom_status strongroom_generate_random(strongroom_client* client, size_t size,
                                             strongroom_buffer** bytes,
                                             strongroom_error** error) noexcept {
  return ask_bytes(client, bytes, error,
                   [&](Client& service) { return service.generate_random(size); });
}
