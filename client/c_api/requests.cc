// Requests that are prepared and not sent yet.
#include <chrono>
#include <utility>

#include "base/error.h"
#include "client/c_api/call.h"
#include "client/c_api/prepare.h"

namespace c_api = strongroom::c_api;
namespace prepare = strongroom::c_api::prepare;
namespace requests = strongroom::requests;
using strongroom::CallOptions;
using strongroom::ClientResult;
using strongroom::c_api::make;

namespace {

template <typename Value>
strongroom_status set(strongroom_request* request, strongroom_error** error,
                      std::optional<Value> CallOptions::* member, Value value) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (request == nullptr) return c_api::null_argument("request");
    request->options.*member = value;
    return {};
  });
}

}  // namespace

strongroom_status strongroom_request_set_timeout_ms(strongroom_request* request,
                                                    uint32_t timeout_ms,
                                                    strongroom_error** error) noexcept {
  return set(request, error, &CallOptions::timeout, std::chrono::milliseconds(timeout_ms));
}

strongroom_status strongroom_request_set_provider(strongroom_request* request, uint8_t provider,
                                                  strongroom_error** error) noexcept {
  return set(request, error, &CallOptions::provider, static_cast<strongroom::ProviderId>(provider));
}

void strongroom_request_free(strongroom_request* request) noexcept {
  delete request;
}

strongroom_status strongroom_request_ping(strongroom_request** request,
                                          strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::ping(); });
}

strongroom_status strongroom_request_list_providers(strongroom_request** request,
                                                    strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::list_providers(); });
}

strongroom_status strongroom_request_list_authenticators(strongroom_request** request,
                                                         strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::list_authenticators(); });
}

strongroom_status strongroom_request_list_opcodes(uint8_t provider, strongroom_request** request,
                                                  strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return requests::list_opcodes(static_cast<strongroom::ProviderId>(provider));
  });
}

strongroom_status strongroom_request_can_do_crypto(strongroom_crypto_check check,
                                                   const strongroom_key_attributes* attributes,
                                                   strongroom_request** request,
                                                   strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::can_do_crypto(check, attributes); });
}

strongroom_status strongroom_request_list_applications(strongroom_request** request,
                                                       strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::list_clients(); });
}

strongroom_status strongroom_request_delete_client(const char* name, strongroom_request** request,
                                                   strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::delete_client(name); });
}

strongroom_status strongroom_request_generate_key(const char* name,
                                                  const strongroom_key_attributes* attributes,
                                                  strongroom_request** request,
                                                  strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::generate_key(name, attributes); });
}

strongroom_status strongroom_request_import_key(const char* name,
                                                const strongroom_key_attributes* attributes,
                                                const uint8_t* data, size_t data_size,
                                                strongroom_request** request,
                                                strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::import_key(name, attributes, {data, data_size}); });
}

strongroom_status strongroom_request_export_key(const char* name, strongroom_request** request,
                                                strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::export_key(name); });
}

strongroom_status strongroom_request_export_public_key(const char* name,
                                                       strongroom_request** request,
                                                       strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::export_public_key(name); });
}

strongroom_status strongroom_request_destroy_key(const char* name, strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::destroy_key(name); });
}

strongroom_status strongroom_request_list_keys(strongroom_request** request,
                                               strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::list_keys(); });
}

strongroom_status strongroom_request_key_info(const char* name, strongroom_request** request,
                                              strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::key_info(name); });
}

strongroom_status strongroom_request_sign_hash(const char* key, strongroom_algorithm algorithm,
                                               const uint8_t* hash, size_t hash_size,
                                               strongroom_request** request,
                                               strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::sign_hash(key, algorithm, {hash, hash_size}); });
}

strongroom_status strongroom_request_sign_message(const char* key, strongroom_algorithm algorithm,
                                                  const uint8_t* message, size_t message_size,
                                                  strongroom_request** request,
                                                  strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::sign_message(key, algorithm, {message, message_size}); });
}

strongroom_status strongroom_request_verify_hash(const char* key, strongroom_algorithm algorithm,
                                                 const uint8_t* hash, size_t hash_size,
                                                 const uint8_t* signature, size_t signature_size,
                                                 strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::verify_hash(key, algorithm, {hash, hash_size}, {signature, signature_size});
  });
}

strongroom_status strongroom_request_verify_message(const char* key, strongroom_algorithm algorithm,
                                                    const uint8_t* message, size_t message_size,
                                                    const uint8_t* signature, size_t signature_size,
                                                    strongroom_request** request,
                                                    strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::verify_message(key, algorithm, {message, message_size},
                                   {signature, signature_size});
  });
}

strongroom_status strongroom_request_asymmetric_encrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* plaintext,
    size_t plaintext_size, const uint8_t* label, size_t label_size, strongroom_request** request,
    strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::asymmetric_encrypt(key, algorithm, {plaintext, plaintext_size},
                                       {label, label_size});
  });
}

strongroom_status strongroom_request_asymmetric_decrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* ciphertext,
    size_t ciphertext_size, const uint8_t* label, size_t label_size, strongroom_request** request,
    strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::asymmetric_decrypt(key, algorithm, {ciphertext, ciphertext_size},
                                       {label, label_size});
  });
}

strongroom_status strongroom_request_aead_encrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* nonce, size_t nonce_size,
    const uint8_t* additional_data, size_t additional_data_size, const uint8_t* plaintext,
    size_t plaintext_size, strongroom_request** request, strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::aead_encrypt(key, algorithm, {nonce, nonce_size},
                                 {additional_data, additional_data_size},
                                 {plaintext, plaintext_size});
  });
}

strongroom_status strongroom_request_aead_decrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* nonce, size_t nonce_size,
    const uint8_t* additional_data, size_t additional_data_size, const uint8_t* ciphertext,
    size_t ciphertext_size, strongroom_request** request, strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::aead_decrypt(key, algorithm, {nonce, nonce_size},
                                 {additional_data, additional_data_size},
                                 {ciphertext, ciphertext_size});
  });
}

strongroom_status strongroom_request_cipher_encrypt(const char* key, strongroom_algorithm algorithm,
                                                    const uint8_t* plaintext, size_t plaintext_size,
                                                    strongroom_request** request,
                                                    strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::cipher_encrypt(key, algorithm, {plaintext, plaintext_size});
  });
}

strongroom_status strongroom_request_cipher_decrypt(const char* key, strongroom_algorithm algorithm,
                                                    const uint8_t* ciphertext,
                                                    size_t ciphertext_size,
                                                    strongroom_request** request,
                                                    strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::cipher_decrypt(key, algorithm, {ciphertext, ciphertext_size});
  });
}

strongroom_status strongroom_request_mac_compute(const char* key, strongroom_algorithm algorithm,
                                                 const uint8_t* input, size_t input_size,
                                                 strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::mac_compute(key, algorithm, {input, input_size}); });
}

strongroom_status strongroom_request_mac_verify(const char* key, strongroom_algorithm algorithm,
                                                const uint8_t* input, size_t input_size,
                                                const uint8_t* mac, size_t mac_size,
                                                strongroom_request** request,
                                                strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::mac_verify(key, algorithm, {input, input_size}, {mac, mac_size});
  });
}

strongroom_status strongroom_request_raw_key_agreement(
    const char* key, strongroom_algorithm algorithm, const uint8_t* peer_key, size_t peer_key_size,
    strongroom_request** request, strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::raw_key_agreement(key, algorithm, {peer_key, peer_key_size});
  });
}

strongroom_status strongroom_request_hash_compute(strongroom_algorithm algorithm,
                                                  const uint8_t* input, size_t input_size,
                                                  strongroom_request** request,
                                                  strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::hash_compute(algorithm, {input, input_size}); });
}

strongroom_status strongroom_request_hash_compare(strongroom_algorithm algorithm,
                                                  const uint8_t* input, size_t input_size,
                                                  const uint8_t* hash, size_t hash_size,
                                                  strongroom_request** request,
                                                  strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::hash_compare(algorithm, {input, input_size}, {hash, hash_size});
  });
}

strongroom_status strongroom_request_generate_random(size_t size, strongroom_request** request,
                                                     strongroom_error** error) noexcept {
  return make(request, error, [&]() { return requests::generate_random(size); });
}

strongroom_status strongroom_request_derive_key(const char* secret, strongroom_algorithm algorithm,
                                                const strongroom_derivation_inputs* inputs,
                                                const char* new_key,
                                                const strongroom_key_attributes* attributes,
                                                strongroom_request** request,
                                                strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::derive_key(secret, algorithm, inputs, new_key, attributes);
  });
}

strongroom_status strongroom_request_wrap_key(const char* key, const char* wrapping_key,
                                              strongroom_algorithm algorithm,
                                              strongroom_request** request,
                                              strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::wrap_key(key, wrapping_key, algorithm); });
}

strongroom_status strongroom_request_unwrap_key(
    const char* new_key, const strongroom_key_attributes* attributes, const char* unwrapping_key,
    strongroom_algorithm algorithm, const uint8_t* wrapped_key, size_t wrapped_key_size,
    strongroom_request** request, strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::unwrap_key(new_key, attributes, unwrapping_key, algorithm,
                               {wrapped_key, wrapped_key_size});
  });
}

strongroom_status strongroom_request_sign_hashes(const char* key, strongroom_algorithm algorithm,
                                                 const uint8_t* const* hashes,
                                                 const size_t* hash_sizes, size_t count,
                                                 strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error,
              [&]() { return prepare::sign_hashes(key, algorithm, {hashes, hash_sizes, count}); });
}

strongroom_status strongroom_request_sign_messages(const char* key, strongroom_algorithm algorithm,
                                                   const uint8_t* const* messages,
                                                   const size_t* message_sizes, size_t count,
                                                   strongroom_request** request,
                                                   strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::sign_messages(key, algorithm, {messages, message_sizes, count});
  });
}

strongroom_status strongroom_request_aead_seal(const char* key, strongroom_algorithm algorithm,
                                               const uint8_t* additional_data,
                                               size_t additional_data_size,
                                               const uint8_t* plaintext, size_t plaintext_size,
                                               strongroom_request** request,
                                               strongroom_error** error) noexcept {
  return make(request, error, [&]() {
    return prepare::aead_seal(key, algorithm, {additional_data, additional_data_size},
                              {plaintext, plaintext_size});
  });
}

strongroom_status strongroom_request_service_status(strongroom_request** request,
                                                    strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::status(); });
}

strongroom_status strongroom_request_reload_configuration(strongroom_request** request,
                                                          strongroom_error** error) noexcept {
  return make(request, error, []() { return requests::reload(); });
}

strongroom_status strongroom_request_check_store(bool accept, strongroom_request** request,
                                                 strongroom_error** error) noexcept {
  return make(request, error, [&]() { return prepare::check_store(accept); });
}
