// Data of any length, hashed, encrypted or decrypted in parts while it comes: PSA Crypto API 1.1,
// psa_hash_operation_t and psa_aead_operation_t. Other services than Strongroom answer
// STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST.
//
// An operation has a connection of its own to its client's service, and the client may be freed
// before it. It belongs to one thread at a time, and to the process that began it. The client's
// time limit is that of each part. Whatever fails, fails for good: what follows gives
// STRONGROOM_STATUS_PSA_ERROR_BAD_STATE. Freeing an operation that is not finished ends it.
#ifndef STRONGROOM_C_MULTIPART_H
#define STRONGROOM_C_MULTIPART_H

#include <strongroom/c/client.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

typedef struct strongroom_hash_operation strongroom_hash_operation;

// psa_hash_setup(), psa_hash_update().
STRONGROOM_API strongroom_status strongroom_hash_begin(
    strongroom_client* client, strongroom_algorithm algorithm,
    strongroom_hash_operation** operation, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status
strongroom_hash_update(strongroom_hash_operation* operation, const uint8_t* data, size_t data_size,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_hash_finish(), or psa_hash_verify(): STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when the
// digest is another one. One of the two is the last call.
STRONGROOM_API strongroom_status
strongroom_hash_finish(strongroom_hash_operation* operation, strongroom_buffer** hash,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status
strongroom_hash_verify(strongroom_hash_operation* operation, const uint8_t* hash, size_t hash_size,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_hash_operation_free(strongroom_hash_operation* operation)
    STRONGROOM_NOEXCEPT;

// Gets what has been encrypted, in order, from within update and finish. False ends the operation.
typedef bool (*strongroom_sink)(const uint8_t* data, size_t size, void* userdata);

typedef struct strongroom_aead_encryption strongroom_aead_encryption;

// psa_aead_encrypt_setup(): GCM and ChaCha20-Poly1305. Without a nonce, of which `nonce_size` 0 is
// the sign, the service draws one; one that is given must never be used twice with one key.
STRONGROOM_API strongroom_status strongroom_aead_encryption_begin(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, strongroom_sink sink, void* userdata,
    strongroom_aead_encryption** operation, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_aead_encryption_nonce(
    const strongroom_aead_encryption* operation) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_status strongroom_aead_encryption_update(
    strongroom_aead_encryption* operation, const uint8_t* plaintext, size_t plaintext_size,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_aead_finish(), once the sink has had all of the ciphertext.
STRONGROOM_API strongroom_status
strongroom_aead_encryption_finish(strongroom_aead_encryption* operation, strongroom_buffer** tag,
                                  strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_aead_encryption_free(strongroom_aead_encryption* operation)
    STRONGROOM_NOEXCEPT;

// Where decrypted text waits for the verdict, which comes with the tag at the end. What `add` gets
// may be an attacker's until `release` is called: nobody may see it or act on it, and after
// `discard` nobody ever may. A file that is renamed by `release` and removed by `discard` does; a
// pipe does not. One of the two is called, and `discard` after a `release` that was false. False of
// `add` or `release` ends the operation.
typedef bool (*strongroom_quarantine_add)(const uint8_t* unverified, size_t size, void* userdata);
typedef bool (*strongroom_quarantine_release)(void* userdata);
typedef void (*strongroom_quarantine_discard)(void* userdata);

typedef struct strongroom_aead_decryption strongroom_aead_decryption;

// psa_aead_decrypt_setup(). When it fails, the quarantine has been told to discard.
STRONGROOM_API strongroom_status strongroom_aead_decryption_begin(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, strongroom_quarantine_add add,
    strongroom_quarantine_release release, strongroom_quarantine_discard discard, void* userdata,
    strongroom_aead_decryption** operation, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Without the tag.
STRONGROOM_API strongroom_status strongroom_aead_decryption_update(
    strongroom_aead_decryption* operation, const uint8_t* ciphertext, size_t ciphertext_size,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_aead_verify(). Success means that the text was genuine and has been released.
// STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE when anything was altered.
STRONGROOM_API strongroom_status
strongroom_aead_decryption_finish(strongroom_aead_decryption* operation, const uint8_t* tag,
                                  size_t tag_size, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_aead_decryption_free(strongroom_aead_decryption* operation)
    STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
