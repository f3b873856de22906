// Operations that are prepared now and started later, by strongroom_async_start().
#ifndef STRONGROOM_C_REQUEST_H
#define STRONGROOM_C_REQUEST_H

#include <strongroom/c/attestation.h>
#include <strongroom/c/client.h>
#include <strongroom/c/discovery.h>
#include <strongroom/c/extensions.h>
#include <strongroom/c/keys.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

// One operation with its arguments, which it has copies of, wiped when it is freed. It may be
// started any number of times. The makers below check arguments as the call of the same name does
// and take what that takes, without the client and the out parameter for the answer.
typedef struct strongroom_request strongroom_request;

// For the whole call. 0: for ever. By default as the options say that the strongroom_async was
// opened with.
STRONGROOM_API strongroom_status strongroom_request_set_timeout_ms(
    strongroom_request* request, uint32_t timeout_ms, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Of a key operation; likewise.
STRONGROOM_API strongroom_status strongroom_request_set_provider(
    strongroom_request* request, uint8_t provider, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_request_free(strongroom_request* request) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/discovery.h>.
STRONGROOM_API strongroom_status
strongroom_request_ping(strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_list_providers(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_list_authenticators(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_list_opcodes(
    uint8_t provider, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_can_do_crypto(
    strongroom_crypto_check check, const strongroom_key_attributes* attributes,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_list_applications(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_delete_client(
    const char* name, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/keys.h>.
STRONGROOM_API strongroom_status strongroom_request_generate_key(
    const char* name, const strongroom_key_attributes* attributes, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_import_key(
    const char* name, const strongroom_key_attributes* attributes, const uint8_t* data,
    size_t data_size, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_export_key(
    const char* name, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_export_public_key(
    const char* name, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_destroy_key(
    const char* name, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_list_keys(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_key_info(
    const char* name, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/cryptography.h>.
STRONGROOM_API strongroom_status strongroom_request_sign_hash(
    const char* key, strongroom_algorithm algorithm, const uint8_t* hash, size_t hash_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_sign_message(
    const char* key, strongroom_algorithm algorithm, const uint8_t* message, size_t message_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_verify_hash(
    const char* key, strongroom_algorithm algorithm, const uint8_t* hash, size_t hash_size,
    const uint8_t* signature, size_t signature_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_verify_message(
    const char* key, strongroom_algorithm algorithm, const uint8_t* message, size_t message_size,
    const uint8_t* signature, size_t signature_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_asymmetric_encrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* plaintext,
    size_t plaintext_size, const uint8_t* label, size_t label_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_asymmetric_decrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* ciphertext,
    size_t ciphertext_size, const uint8_t* label, size_t label_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_aead_encrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* nonce, size_t nonce_size,
    const uint8_t* additional_data, size_t additional_data_size, const uint8_t* plaintext,
    size_t plaintext_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_aead_decrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* nonce, size_t nonce_size,
    const uint8_t* additional_data, size_t additional_data_size, const uint8_t* ciphertext,
    size_t ciphertext_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_cipher_encrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* plaintext,
    size_t plaintext_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_cipher_decrypt(
    const char* key, strongroom_algorithm algorithm, const uint8_t* ciphertext,
    size_t ciphertext_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_mac_compute(
    const char* key, strongroom_algorithm algorithm, const uint8_t* input, size_t input_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_mac_verify(
    const char* key, strongroom_algorithm algorithm, const uint8_t* input, size_t input_size,
    const uint8_t* mac, size_t mac_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_raw_key_agreement(
    const char* key, strongroom_algorithm algorithm, const uint8_t* peer_key, size_t peer_key_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_hash_compute(
    strongroom_algorithm algorithm, const uint8_t* input, size_t input_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_hash_compare(
    strongroom_algorithm algorithm, const uint8_t* input, size_t input_size, const uint8_t* hash,
    size_t hash_size, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_generate_random(
    size_t size, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/extensions.h>.
STRONGROOM_API strongroom_status strongroom_request_derive_key(
    const char* secret, strongroom_algorithm algorithm, const strongroom_derivation_inputs* inputs,
    const char* new_key, const strongroom_key_attributes* attributes, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_wrap_key(
    const char* key, const char* wrapping_key, strongroom_algorithm algorithm,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_unwrap_key(
    const char* new_key, const strongroom_key_attributes* attributes, const char* unwrapping_key,
    strongroom_algorithm algorithm, const uint8_t* wrapped_key, size_t wrapped_key_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_sign_hashes(
    const char* key, strongroom_algorithm algorithm, const uint8_t* const* hashes,
    const size_t* hash_sizes, size_t count, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_sign_messages(
    const char* key, strongroom_algorithm algorithm, const uint8_t* const* messages,
    const size_t* message_sizes, size_t count, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_aead_seal(
    const char* key, strongroom_algorithm algorithm, const uint8_t* additional_data,
    size_t additional_data_size, const uint8_t* plaintext, size_t plaintext_size,
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/attestation.h>.
STRONGROOM_API strongroom_status strongroom_request_prepare_key_attestation(
    const char* key, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_attest_key(
    const char* key, const uint8_t* credential, size_t credential_size, const uint8_t* secret,
    size_t secret_size, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_certify_key(
    const char* key, const uint8_t* nonce, size_t nonce_size, strongroom_request** request,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_quote(
    const strongroom_register_selection* selections, size_t count, const uint8_t* nonce,
    size_t nonce_size, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

// As the calls of <strongroom/c/administration.h>.
STRONGROOM_API strongroom_status strongroom_request_service_status(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_reload_configuration(
    strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_request_check_store(
    bool accept, strongroom_request** request, strongroom_error** error) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
