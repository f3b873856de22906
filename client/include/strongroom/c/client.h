// A client of a Strongroom or Parsec service, how to make one, and the bytes that calls return.
#ifndef STRONGROOM_C_CLIENT_H
#define STRONGROOM_C_CLIENT_H

#include <strongroom/c/error.h>
#include <strongroom/c/language.h>

STRONGROOM_BEGIN

// The version of the library that runs, such as "0.1.0".
STRONGROOM_API const char* strongroom_library_version(void) STRONGROOM_NOEXCEPT;

// Providers of the Parsec wire protocol 1.0. A service may have others.
#define STRONGROOM_PROVIDER_CORE ((uint8_t)0)
#define STRONGROOM_PROVIDER_SOFTWARE ((uint8_t)1)
#define STRONGROOM_PROVIDER_PKCS11 ((uint8_t)2)
#define STRONGROOM_PROVIDER_TPM ((uint8_t)3)
#define STRONGROOM_PROVIDER_TRUSTED_SERVICE ((uint8_t)4)
#define STRONGROOM_PROVIDER_CRYPTOAUTHLIB ((uint8_t)5)

// How to reach the service. What is not set stays as it is in a new one, and options may make any
// number of clients.
typedef struct strongroom_options strongroom_options;

STRONGROOM_API strongroom_status
strongroom_options_new(strongroom_options** options, strongroom_error** error) STRONGROOM_NOEXCEPT;
// A path or a `unix:` URI (RFC 3986). Empty, which is the default: the environment's
// STRONGROOM_SERVICE_ENDPOINT, then its PARSEC_SERVICE_ENDPOINT (neither in a program with raised
// privileges), then /run/strongroom/strongroom.sock.
STRONGROOM_API strongroom_status
strongroom_options_set_endpoint(strongroom_options* options, const char* endpoint,
                                strongroom_error** error) STRONGROOM_NOEXCEPT;
// Claims a name by Parsec's Direct authenticator. Empty, the default: the kernel says who asks.
STRONGROOM_API strongroom_status strongroom_options_set_application_name(
    strongroom_options* options, const char* name, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Which provider key operations go to. By default the first that the service lists.
STRONGROOM_API strongroom_status strongroom_options_set_provider(
    strongroom_options* options, uint8_t provider, strongroom_error** error) STRONGROOM_NOEXCEPT;
// For a whole call, from connecting to the last byte of the answer. 0: for ever. Default: 60 s.
STRONGROOM_API strongroom_status strongroom_options_set_timeout_ms(
    strongroom_options* options, uint32_t timeout_ms, strongroom_error** error) STRONGROOM_NOEXCEPT;
// In bytes; a longer answer fails with STRONGROOM_STATUS_RESPONSE_TOO_LARGE. Default: 16 MiB.
STRONGROOM_API strongroom_status strongroom_options_set_max_answer_size(
    strongroom_options* options, uint32_t size, strongroom_error** error) STRONGROOM_NOEXCEPT;
// By default the socket and every directory above it must belong to root, the service's user or the
// caller, and no directory may let others replace what is in it. `true` omits that check.
STRONGROOM_API strongroom_status strongroom_options_set_trust_any_socket(
    strongroom_options* options, bool trust, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_options_free(strongroom_options* options) STRONGROOM_NOEXCEPT;

// May be used by several threads at once: their calls share one kept connection, on which up to 64
// requests are in flight. It is opened by the first call, and again when it was lost; a service
// that keeps no connections is served by one for each call. After fork() and seteuid() calls use a
// connection of their own.
typedef struct strongroom_client strongroom_client;

// Connects to nothing yet. `options` may be NULL: all as by default. Fails with source CALLER for
// what cannot be an endpoint or a name.
STRONGROOM_API strongroom_status
strongroom_client_open(const strongroom_options* options, strongroom_client** client,
                       strongroom_error** error) STRONGROOM_NOEXCEPT;
// Another client of the same service, over the same connection, whose key operations go to
// `provider`. Either may be freed first.
STRONGROOM_API strongroom_status strongroom_client_with_provider(
    const strongroom_client* client, uint8_t provider, strongroom_client** other,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// The path that calls connect to.
STRONGROOM_API const char* strongroom_client_socket_path(const strongroom_client* client)
    STRONGROOM_NOEXCEPT;
// The provider of key operations. The first time it may have to ask the service.
STRONGROOM_API strongroom_status strongroom_client_provider(
    strongroom_client* client, uint8_t* provider, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Ends the calls that are in flight with this handle, in other threads, with source Cancelled;
// those that begin afterwards are not affected. Whether the service has done what they asked for,
// strongroom_error_outcome_is_unknown() says.
STRONGROOM_API strongroom_status
strongroom_client_cancel(strongroom_client* client, strongroom_error** error) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_client_free(strongroom_client* client) STRONGROOM_NOEXCEPT;

// Bytes that a call returned: a signature, a plaintext, a key. Wiped when freed.
typedef struct strongroom_buffer strongroom_buffer;

// Not NULL, even when there are no bytes; NULL for a NULL buffer.
STRONGROOM_API const uint8_t* strongroom_buffer_data(const strongroom_buffer* buffer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API size_t strongroom_buffer_size(const strongroom_buffer* buffer) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_buffer_free(strongroom_buffer* buffer) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
