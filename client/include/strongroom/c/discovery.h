// What the service is and has. Needs no identity, except for lists of clients, which are for
// administrators.
#ifndef STRONGROOM_C_DISCOVERY_H
#define STRONGROOM_C_DISCOVERY_H

#include <strongroom/c/client.h>
#include <strongroom/c/key_attributes.h>

STRONGROOM_BEGIN

// Parsec operation Ping. The version of the wire protocol that the service speaks; either pointer
// may be NULL.
STRONGROOM_API strongroom_status strongroom_ping(strongroom_client* client, uint32_t* major_number,
                                                 uint32_t* minor_number,
                                                 strongroom_error** error) STRONGROOM_NOEXCEPT;

typedef struct strongroom_release {
  uint32_t major_number;
  uint32_t minor_number;
  uint32_t revision;
} strongroom_release;

// Parsec operation ListProviders. In the service's order of preference, the core provider last.
typedef struct strongroom_provider_list strongroom_provider_list;

STRONGROOM_API strongroom_status
strongroom_list_providers(strongroom_client* client, strongroom_provider_list** providers,
                          strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_provider_list_count(const strongroom_provider_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint8_t strongroom_provider_list_id(const strongroom_provider_list* list,
                                                   size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_provider_list_uuid(const strongroom_provider_list* list,
                                                         size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_provider_list_description(
    const strongroom_provider_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_provider_list_vendor(const strongroom_provider_list* list,
                                                           size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_release strongroom_provider_list_version(
    const strongroom_provider_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_provider_list_free(strongroom_provider_list* list)
    STRONGROOM_NOEXCEPT;

// Parsec operation ListAuthenticators. Ids are auth types of the request header: 1 Direct, 3
// UnixPeerCredentials.
typedef struct strongroom_authenticator_list strongroom_authenticator_list;

STRONGROOM_API strongroom_status strongroom_list_authenticators(
    strongroom_client* client, strongroom_authenticator_list** authenticators,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_authenticator_list_count(const strongroom_authenticator_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint8_t strongroom_authenticator_list_id(const strongroom_authenticator_list* list,
                                                        size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_authenticator_list_description(
    const strongroom_authenticator_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_release strongroom_authenticator_list_version(
    const strongroom_authenticator_list* list, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_authenticator_list_free(strongroom_authenticator_list* list)
    STRONGROOM_NOEXCEPT;

// Parsec operation ListOpcodes: what `provider` can do, as opcodes of the wire protocol.
typedef struct strongroom_opcode_list strongroom_opcode_list;

STRONGROOM_API strongroom_status strongroom_list_opcodes(
    strongroom_client* client, uint8_t provider, strongroom_opcode_list** opcodes,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_opcode_list_count(const strongroom_opcode_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API uint32_t strongroom_opcode_list_opcode(const strongroom_opcode_list* list,
                                                      size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_opcode_list_free(strongroom_opcode_list* list) STRONGROOM_NOEXCEPT;

// Parsec operation CanDoCrypto.
typedef enum strongroom_crypto_check STRONGROOM_ENUM {
  STRONGROOM_CRYPTO_CHECK_USE = 1,
  STRONGROOM_CRYPTO_CHECK_GENERATE = 2,
  STRONGROOM_CRYPTO_CHECK_IMPORT = 3,
  STRONGROOM_CRYPTO_CHECK_DERIVE = 4
} strongroom_crypto_check;

// Success means yes, STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED from the service means no.
STRONGROOM_API strongroom_status strongroom_can_do_crypto(
    strongroom_client* client, strongroom_crypto_check check,
    const strongroom_key_attributes* attributes, strongroom_error** error) STRONGROOM_NOEXCEPT;

// Parsec operation ListClients, for administrators: the applications that have keys. A name that
// holds a NUL is longer than strlen() says and cannot be given to a function of this interface.
typedef struct strongroom_application_list strongroom_application_list;

STRONGROOM_API strongroom_status
strongroom_list_applications(strongroom_client* client, strongroom_application_list** applications,
                             strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_application_list_count(const strongroom_application_list* list)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API const char* strongroom_application_list_name(const strongroom_application_list* list,
                                                            size_t index) STRONGROOM_NOEXCEPT;
// In bytes, without the NUL behind it.
STRONGROOM_API size_t strongroom_application_list_name_size(const strongroom_application_list* list,
                                                            size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_application_list_free(strongroom_application_list* list)
    STRONGROOM_NOEXCEPT;

// Parsec operation DeleteClient, for administrators: all keys of an application, by the name that
// strongroom_list_applications() gives it.
STRONGROOM_API strongroom_status strongroom_delete_client(
    strongroom_client* client, const char* name, strongroom_error** error) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
