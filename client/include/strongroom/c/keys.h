// Making, finding, moving and destroying keys. Each application sees its own; names are UTF-8.
#ifndef STRONGROOM_C_KEYS_H
#define STRONGROOM_C_KEYS_H

#include <strongroom/c/client.h>
#include <strongroom/c/key_attributes.h>

STRONGROOM_BEGIN

// PSA Crypto API 1.1, psa_generate_key(). STRONGROOM_STATUS_PSA_ERROR_ALREADY_EXISTS when the name
// is taken.
STRONGROOM_API strongroom_status strongroom_generate_key(
    strongroom_client* client, const char* name, const strongroom_key_attributes* attributes,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// PSA Crypto API 1.1, psa_import_key(), whose formats `data` has: an RSAPrivateKey in DER, a scalar
// or an x-coordinate big-endian, an uncompressed point, the bytes of a symmetric key.
STRONGROOM_API strongroom_status strongroom_import_key(
    strongroom_client* client, const char* name, const strongroom_key_attributes* attributes,
    const uint8_t* data, size_t data_size, strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_export_key(): in the format of imports. Needs STRONGROOM_KEY_USAGE_EXPORT.
STRONGROOM_API strongroom_status
strongroom_export_key(strongroom_client* client, const char* name, strongroom_buffer** key,
                      strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_export_public_key(): an RSAPublicKey in DER, or an uncompressed point (SEC 1, 2.3.3).
STRONGROOM_API strongroom_status
strongroom_export_public_key(strongroom_client* client, const char* name, strongroom_buffer** key,
                             strongroom_error** error) STRONGROOM_NOEXCEPT;
// psa_destroy_key(). STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST when there is no such key.
STRONGROOM_API strongroom_status strongroom_destroy_key(
    strongroom_client* client, const char* name, strongroom_error** error) STRONGROOM_NOEXCEPT;

// Parsec operation ListKeys: the caller's, in every provider, so that one name may come twice.
typedef struct strongroom_key_list strongroom_key_list;

STRONGROOM_API strongroom_status strongroom_list_keys(strongroom_client* client,
                                                      strongroom_key_list** keys,
                                                      strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_key_list_count(const strongroom_key_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint8_t strongroom_key_list_provider(const strongroom_key_list* list,
                                                    size_t index) STRONGROOM_NOEXCEPT;
// A name that holds a NUL, made through another library, is longer than strlen() says and cannot be
// given to a function of this interface.
STRONGROOM_API const char* strongroom_key_list_name(const strongroom_key_list* list,
                                                    size_t index) STRONGROOM_NOEXCEPT;
// In bytes, without the NUL behind it.
STRONGROOM_API size_t strongroom_key_list_name_size(const strongroom_key_list* list,
                                                    size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_key_attributes* strongroom_key_list_attributes(
    const strongroom_key_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_key_list_free(strongroom_key_list* list) STRONGROOM_NOEXCEPT;

// Strongroom's operation KeyInfo; other services answer STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST.
typedef struct strongroom_key_details strongroom_key_details;

// What keeps a key's secret from whoever reads the disk or the service's memory.
typedef enum strongroom_protection STRONGROOM_ENUM {
  STRONGROOM_PROTECTION_UNKNOWN = 0,
  STRONGROOM_PROTECTION_SOFTWARE = 1,  // encrypted on the disk
  STRONGROOM_PROTECTION_TOKEN = 2,     // in a PKCS#11 token
  STRONGROOM_PROTECTION_TPM = 3
} strongroom_protection;

STRONGROOM_API strongroom_status strongroom_key_info(strongroom_client* client, const char* name,
                                                     strongroom_key_details** details,
                                                     strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_key_attributes* strongroom_key_details_attributes(
    const strongroom_key_details* details) STRONGROOM_NOEXCEPT;
STRONGROOM_API uint8_t strongroom_key_details_provider(const strongroom_key_details* details)
    STRONGROOM_NOEXCEPT;
// Seconds since 1970.
STRONGROOM_API int64_t strongroom_key_details_created(const strongroom_key_details* details)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_protection
strongroom_key_details_protection(const strongroom_key_details* details) STRONGROOM_NOEXCEPT;
// As strongroom_export_public_key() gives it; of no bytes for symmetric keys.
STRONGROOM_API const strongroom_buffer* strongroom_key_details_public_key(
    const strongroom_key_details* details) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_key_details_free(strongroom_key_details* details)
    STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
