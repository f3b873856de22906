// Operations with keys, by the name of the key, and hashes and random bytes, which need none. Each
// is the function of the PSA Crypto API 1.1 named beside it, and takes its values of `algorithm`.
// An algorithm of another kind gives STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, one that the
// wire protocol cannot carry STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED; nothing is sent then. Sizes
// are in bytes.
#ifndef STRONGROOM_C_CRYPTOGRAPHY_H
#define STRONGROOM_C_CRYPTOGRAPHY_H

#include <strongroom/c/client.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

// psa_sign_hash(), psa_sign_message(). Signatures of ECDSA are r and s, one behind the other, each
// as long as the curve's order, big-endian.
STRONGROOM_API strongroom_status strongroom_sign_hash(strongroom_client* client, const char* key,
                                                      strongroom_algorithm algorithm,
                                                      const uint8_t* hash, size_t hash_size,
                                                      strongroom_buffer** signature,
                                                      strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status
strongroom_sign_message(strongroom_client* client, const char* key, strongroom_algorithm algorithm,
                        const uint8_t* message, size_t message_size, strongroom_buffer** signature,
                        strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_verify_hash(), psa_verify_message(). STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when the
// signature does not match.
STRONGROOM_API strongroom_status
strongroom_verify_hash(strongroom_client* client, const char* key, strongroom_algorithm algorithm,
                       const uint8_t* hash, size_t hash_size, const uint8_t* signature,
                       size_t signature_size, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_verify_message(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* message, size_t message_size, const uint8_t* signature, size_t signature_size,
    strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_asymmetric_encrypt(), psa_asymmetric_decrypt(). `label` is OAEP's and may be empty.
STRONGROOM_API strongroom_status strongroom_asymmetric_encrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* plaintext, size_t plaintext_size, const uint8_t* label, size_t label_size,
    strongroom_buffer** ciphertext, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_asymmetric_decrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* ciphertext, size_t ciphertext_size, const uint8_t* label, size_t label_size,
    strongroom_buffer** plaintext, strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_aead_encrypt(), psa_aead_decrypt(). The ciphertext ends with the tag. A nonce must never be
// used twice with one key. STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when anything was altered.
STRONGROOM_API strongroom_status strongroom_aead_encrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, const uint8_t* plaintext, size_t plaintext_size,
    strongroom_buffer** ciphertext, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_aead_decrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, const uint8_t* ciphertext, size_t ciphertext_size,
    strongroom_buffer** plaintext, strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_cipher_encrypt(), psa_cipher_decrypt(): without authentication. The ciphertext begins with
// the random IV, if the mode has one.
STRONGROOM_API strongroom_status strongroom_cipher_encrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* plaintext, size_t plaintext_size, strongroom_buffer** ciphertext,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_cipher_decrypt(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* ciphertext, size_t ciphertext_size, strongroom_buffer** plaintext,
    strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_mac_compute(), psa_mac_verify(). STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when the MAC
// is another one.
STRONGROOM_API strongroom_status
strongroom_mac_compute(strongroom_client* client, const char* key, strongroom_algorithm algorithm,
                       const uint8_t* input, size_t input_size, strongroom_buffer** mac,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status
strongroom_mac_verify(strongroom_client* client, const char* key, strongroom_algorithm algorithm,
                      const uint8_t* input, size_t input_size, const uint8_t* mac, size_t mac_size,
                      strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_raw_key_agreement(): STRONGROOM_ALG_ECDH or STRONGROOM_ALG_FFDH. `peer_key` is a public key
// as strongroom_export_public_key() gives it. The secret is not uniformly random: derive from it.
STRONGROOM_API strongroom_status strongroom_raw_key_agreement(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* peer_key, size_t peer_key_size, strongroom_buffer** secret,
    strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_hash_compute(), psa_hash_compare(). STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when the
// digest is another one.
STRONGROOM_API strongroom_status strongroom_hash_compute(
    strongroom_client* client, strongroom_algorithm algorithm, const uint8_t* input,
    size_t input_size, strongroom_buffer** hash, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status
strongroom_hash_compare(strongroom_client* client, strongroom_algorithm algorithm,
                        const uint8_t* input, size_t input_size, const uint8_t* hash,
                        size_t hash_size, strongroom_error** error) STRONGROOM_NOEXCEPT;

// psa_generate_random().
STRONGROOM_API strongroom_status
strongroom_generate_random(strongroom_client* client, size_t size, strongroom_buffer** bytes,
                           strongroom_error** error) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
