// What Strongroom does with keys beyond Parsec's operations. Other services answer
// STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST. Names, algorithms and sizes are as in
// <strongroom/c/cryptography.h>.
#ifndef STRONGROOM_C_EXTENSIONS_H
#define STRONGROOM_C_EXTENSIONS_H

#include <strongroom/c/client.h>
#include <strongroom/c/key_attributes.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

// The inputs of a key derivation beside its secret: PSA Crypto API 1.1, psa_key_derivation_step_t.
typedef enum strongroom_derivation_step STRONGROOM_ENUM {
  // Of an agreement: a public key as strongroom_export_public_key() gives it.
  STRONGROOM_DERIVATION_PEER_KEY = 0,
  STRONGROOM_DERIVATION_LABEL = 1,  // TLS 1.2
  STRONGROOM_DERIVATION_SALT = 2,   // HKDF
  STRONGROOM_DERIVATION_INFO = 3,   // HKDF
  STRONGROOM_DERIVATION_SEED = 4    // TLS 1.2
} strongroom_derivation_step;

// All empty at first.
typedef struct strongroom_derivation_inputs strongroom_derivation_inputs;

STRONGROOM_API strongroom_status strongroom_derivation_inputs_new(
    strongroom_derivation_inputs** inputs, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Copies the bytes, in place of those that were there.
STRONGROOM_API strongroom_status strongroom_derivation_inputs_set(
    strongroom_derivation_inputs* inputs, strongroom_derivation_step step, const uint8_t* data,
    size_t data_size, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_derivation_inputs_free(strongroom_derivation_inputs* inputs)
    STRONGROOM_NOEXCEPT;

// psa_key_derivation_output_key(): a new key from the key `secret`, which does not leave the
// service, or from what that key and the peer's agree on. The size in `attributes` says how many
// bytes are derived. `inputs` may be NULL.
STRONGROOM_API strongroom_status strongroom_derive_key(
    strongroom_client* client, const char* secret, strongroom_algorithm algorithm,
    const strongroom_derivation_inputs* inputs, const char* new_key,
    const strongroom_key_attributes* attributes, strongroom_error** error) STRONGROOM_NOEXCEPT;

// PSA Crypto API 1.4, psa_wrap_key(): what strongroom_export_key() would give, encrypted under
// another key. The wrapping key needs STRONGROOM_KEY_USAGE_WRAP, the wrapped one
// STRONGROOM_KEY_USAGE_EXPORT, and both live in one provider.
STRONGROOM_API strongroom_status strongroom_wrap_key(strongroom_client* client, const char* key,
                                                     const char* wrapping_key,
                                                     strongroom_algorithm algorithm,
                                                     strongroom_buffer** wrapped_key,
                                                     strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_unwrap_key(): imports what was wrapped, with attributes as for strongroom_import_key().
// STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when it was altered or wrapped under another key.
STRONGROOM_API strongroom_status strongroom_unwrap_key(
    strongroom_client* client, const char* new_key, const strongroom_key_attributes* attributes,
    const char* unwrapping_key, strongroom_algorithm algorithm, const uint8_t* wrapped_key,
    size_t wrapped_key_size, strongroom_error** error) STRONGROOM_NOEXCEPT;

// Signatures in the order of what was signed.
typedef struct strongroom_signature_list strongroom_signature_list;

// As strongroom_sign_hash() and strongroom_sign_message(), up to 1,024 at once: all or none.
// `hashes` and `hash_sizes` have `count` entries.
STRONGROOM_API strongroom_status strongroom_sign_hashes(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* const* hashes, const size_t* hash_sizes, size_t count,
    strongroom_signature_list** signatures, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_sign_messages(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* const* messages, const size_t* message_sizes, size_t count,
    strongroom_signature_list** signatures, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_signature_list_count(const strongroom_signature_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_signature_list_signature(
    const strongroom_signature_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_signature_list_free(strongroom_signature_list* list)
    STRONGROOM_NOEXCEPT;

// A ciphertext, which ends with the tag, and the nonce that the service drew for it.
typedef struct strongroom_sealed_text strongroom_sealed_text;

// As strongroom_aead_encrypt(), and the service sees to it that no nonce comes twice. The only way
// to encrypt with keys of strongroom_key_attributes_set_drawn_nonce_only();
// strongroom_aead_decrypt() opens it.
STRONGROOM_API strongroom_status
strongroom_aead_seal(strongroom_client* client, const char* key, strongroom_algorithm algorithm,
                     const uint8_t* additional_data, size_t additional_data_size,
                     const uint8_t* plaintext, size_t plaintext_size,
                     strongroom_sealed_text** sealed, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_sealed_text_nonce(
    const strongroom_sealed_text* sealed) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_sealed_text_ciphertext(
    const strongroom_sealed_text* sealed) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_sealed_text_free(strongroom_sealed_text* sealed) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
