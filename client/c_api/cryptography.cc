// Operations with keys, hashes and random bytes.
#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace prepare = strongroom::c_api::prepare;
namespace requests = strongroom::requests;
using strongroom::c_api::call_for_handle;
using strongroom::c_api::call_for_nothing;

strongroom_status strongroom_sign_hash(strongroom_client* client, const char* key,
                                       strongroom_algorithm algorithm, const uint8_t* hash,
                                       size_t hash_size, strongroom_buffer** signature,
                                       strongroom_error** error) noexcept {
  return call_for_handle(client, signature, error,
                         [&]() { return prepare::sign_hash(key, algorithm, {hash, hash_size}); });
}

strongroom_status strongroom_sign_message(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* message,
                                          size_t message_size, strongroom_buffer** signature,
                                          strongroom_error** error) noexcept {
  return call_for_handle(client, signature, error, [&]() {
    return prepare::sign_message(key, algorithm, {message, message_size});
  });
}

strongroom_status strongroom_verify_hash(strongroom_client* client, const char* key,
                                         strongroom_algorithm algorithm, const uint8_t* hash,
                                         size_t hash_size, const uint8_t* signature,
                                         size_t signature_size, strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::verify_hash(key, algorithm, {hash, hash_size}, {signature, signature_size});
  });
}

strongroom_status strongroom_verify_message(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm, const uint8_t* message,
                                            size_t message_size, const uint8_t* signature,
                                            size_t signature_size,
                                            strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::verify_message(key, algorithm, {message, message_size},
                                   {signature, signature_size});
  });
}

strongroom_status strongroom_asymmetric_encrypt(strongroom_client* client, const char* key,
                                                strongroom_algorithm algorithm,
                                                const uint8_t* plaintext, size_t plaintext_size,
                                                const uint8_t* label, size_t label_size,
                                                strongroom_buffer** ciphertext,
                                                strongroom_error** error) noexcept {
  return call_for_handle(client, ciphertext, error, [&]() {
    return prepare::asymmetric_encrypt(key, algorithm, {plaintext, plaintext_size},
                                       {label, label_size});
  });
}

strongroom_status strongroom_asymmetric_decrypt(strongroom_client* client, const char* key,
                                                strongroom_algorithm algorithm,
                                                const uint8_t* ciphertext, size_t ciphertext_size,
                                                const uint8_t* label, size_t label_size,
                                                strongroom_buffer** plaintext,
                                                strongroom_error** error) noexcept {
  return call_for_handle(client, plaintext, error, [&]() {
    return prepare::asymmetric_decrypt(key, algorithm, {ciphertext, ciphertext_size},
                                       {label, label_size});
  });
}

strongroom_status strongroom_aead_encrypt(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* nonce,
                                          size_t nonce_size, const uint8_t* additional_data,
                                          size_t additional_data_size, const uint8_t* plaintext,
                                          size_t plaintext_size, strongroom_buffer** ciphertext,
                                          strongroom_error** error) noexcept {
  return call_for_handle(client, ciphertext, error, [&]() {
    return prepare::aead_encrypt(key, algorithm, {nonce, nonce_size},
                                 {additional_data, additional_data_size},
                                 {plaintext, plaintext_size});
  });
}

strongroom_status strongroom_aead_decrypt(strongroom_client* client, const char* key,
                                          strongroom_algorithm algorithm, const uint8_t* nonce,
                                          size_t nonce_size, const uint8_t* additional_data,
                                          size_t additional_data_size, const uint8_t* ciphertext,
                                          size_t ciphertext_size, strongroom_buffer** plaintext,
                                          strongroom_error** error) noexcept {
  return call_for_handle(client, plaintext, error, [&]() {
    return prepare::aead_decrypt(key, algorithm, {nonce, nonce_size},
                                 {additional_data, additional_data_size},
                                 {ciphertext, ciphertext_size});
  });
}

strongroom_status strongroom_cipher_encrypt(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm,
                                            const uint8_t* plaintext, size_t plaintext_size,
                                            strongroom_buffer** ciphertext,
                                            strongroom_error** error) noexcept {
  return call_for_handle(client, ciphertext, error, [&]() {
    return prepare::cipher_encrypt(key, algorithm, {plaintext, plaintext_size});
  });
}

strongroom_status strongroom_cipher_decrypt(strongroom_client* client, const char* key,
                                            strongroom_algorithm algorithm,
                                            const uint8_t* ciphertext, size_t ciphertext_size,
                                            strongroom_buffer** plaintext,
                                            strongroom_error** error) noexcept {
  return call_for_handle(client, plaintext, error, [&]() {
    return prepare::cipher_decrypt(key, algorithm, {ciphertext, ciphertext_size});
  });
}

strongroom_status strongroom_mac_compute(strongroom_client* client, const char* key,
                                         strongroom_algorithm algorithm, const uint8_t* input,
                                         size_t input_size, strongroom_buffer** mac,
                                         strongroom_error** error) noexcept {
  return call_for_handle(client, mac, error, [&]() {
    return prepare::mac_compute(key, algorithm, {input, input_size});
  });
}

strongroom_status strongroom_mac_verify(strongroom_client* client, const char* key,
                                        strongroom_algorithm algorithm, const uint8_t* input,
                                        size_t input_size, const uint8_t* mac, size_t mac_size,
                                        strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::mac_verify(key, algorithm, {input, input_size}, {mac, mac_size});
  });
}

strongroom_status strongroom_raw_key_agreement(strongroom_client* client, const char* key,
                                               strongroom_algorithm algorithm,
                                               const uint8_t* peer_key, size_t peer_key_size,
                                               strongroom_buffer** secret,
                                               strongroom_error** error) noexcept {
  return call_for_handle(client, secret, error, [&]() {
    return prepare::raw_key_agreement(key, algorithm, {peer_key, peer_key_size});
  });
}

strongroom_status strongroom_hash_compute(strongroom_client* client, strongroom_algorithm algorithm,
                                          const uint8_t* input, size_t input_size,
                                          strongroom_buffer** hash,
                                          strongroom_error** error) noexcept {
  return call_for_handle(client, hash, error,
                         [&]() { return prepare::hash_compute(algorithm, {input, input_size}); });
}

strongroom_status strongroom_hash_compare(strongroom_client* client, strongroom_algorithm algorithm,
                                          const uint8_t* input, size_t input_size,
                                          const uint8_t* hash, size_t hash_size,
                                          strongroom_error** error) noexcept {
  return call_for_nothing(client, error, [&]() {
    return prepare::hash_compare(algorithm, {input, input_size}, {hash, hash_size});
  });
}

strongroom_status strongroom_generate_random(strongroom_client* client, size_t size,
                                             strongroom_buffer** bytes,
                                             strongroom_error** error) noexcept {
  return call_for_handle(client, bytes, error, [&]() { return requests::generate_random(size); });
}
