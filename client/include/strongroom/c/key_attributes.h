// What a key is and what it may be used for.
#ifndef STRONGROOM_C_KEY_ATTRIBUTES_H
#define STRONGROOM_C_KEY_ATTRIBUTES_H

#include <strongroom/c/error.h>
#include <strongroom/c/language.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

// The psa_key_attributes_t of the PSA Crypto API 1.1, as far as Parsec has it: type, size, usage
// flags and permitted algorithm. New ones have no type, which no call takes, and nothing is
// permitted.
typedef struct strongroom_key_attributes strongroom_key_attributes;

STRONGROOM_API strongroom_status strongroom_key_attributes_new(
    strongroom_key_attributes** attributes, strongroom_error** error) STRONGROOM_NOEXCEPT;
// The setters refuse values that the wire protocol cannot carry, with
// STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, and change nothing then. Whether the four fit together
// is for the service to say.
STRONGROOM_API strongroom_status
strongroom_key_attributes_set_type(strongroom_key_attributes* attributes, strongroom_key_type type,
                                   strongroom_error** error) STRONGROOM_NOEXCEPT;
// 0 in an import means: as the data says.
STRONGROOM_API strongroom_status
strongroom_key_attributes_set_bits(strongroom_key_attributes* attributes, uint32_t bits,
                                   strongroom_error** error) STRONGROOM_NOEXCEPT;
// STRONGROOM_KEY_USAGE_… combined by `|`.
STRONGROOM_API strongroom_status strongroom_key_attributes_set_usage(
    strongroom_key_attributes* attributes, strongroom_key_usage usage,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// May name STRONGROOM_ALG_ANY_HASH as the hash of a signature.
STRONGROOM_API strongroom_status strongroom_key_attributes_set_algorithm(
    strongroom_key_attributes* attributes, strongroom_algorithm algorithm,
    strongroom_error** error) STRONGROOM_NOEXCEPT;

// Strongroom's own, for keys of AEAD: encryption takes no nonce of the caller's, so that
// strongroom_aead_seal() alone encrypts. Services that do not know it ignore it. False at first.
STRONGROOM_API strongroom_status strongroom_key_attributes_set_drawn_nonce_only(
    strongroom_key_attributes* attributes, bool drawn_nonce_only,
    strongroom_error** error) STRONGROOM_NOEXCEPT;

STRONGROOM_API strongroom_key_type
strongroom_key_attributes_type(const strongroom_key_attributes* attributes) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint32_t strongroom_key_attributes_bits(const strongroom_key_attributes* attributes)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_key_usage
strongroom_key_attributes_usage(const strongroom_key_attributes* attributes) STRONGROOM_NOEXCEPT;
// Of a listed key it may be STRONGROOM_ALG_UNENCODABLE.
STRONGROOM_API strongroom_algorithm strongroom_key_attributes_algorithm(
    const strongroom_key_attributes* attributes) STRONGROOM_NOEXCEPT;
STRONGROOM_API bool strongroom_key_attributes_drawn_nonce_only(
    const strongroom_key_attributes* attributes) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_key_attributes_free(strongroom_key_attributes* attributes)
    STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
