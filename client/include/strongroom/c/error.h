// Statuses, and what is known of a failure beside its status.
#ifndef STRONGROOM_C_ERROR_H
#define STRONGROOM_C_ERROR_H

#include <strongroom/c/language.h>

STRONGROOM_BEGIN

// The statuses of the Parsec wire protocol 1.0, by their names and numbers: 1 to 999 are the
// service's, 1000 to 1999 are the PSA Crypto API's (1000 minus psa_status_t).
typedef enum strongroom_status STRONGROOM_ENUM {
  STRONGROOM_STATUS_SUCCESS = 0,
  STRONGROOM_STATUS_WRONG_PROVIDER_ID = 1,
  STRONGROOM_STATUS_CONTENT_TYPE_NOT_SUPPORTED = 2,
  STRONGROOM_STATUS_ACCEPT_TYPE_NOT_SUPPORTED = 3,
  STRONGROOM_STATUS_WIRE_PROTOCOL_VERSION_NOT_SUPPORTED = 4,
  STRONGROOM_STATUS_PROVIDER_NOT_REGISTERED = 5,
  STRONGROOM_STATUS_PROVIDER_DOES_NOT_EXIST = 6,
  STRONGROOM_STATUS_DESERIALIZING_BODY_FAILED = 7,
  STRONGROOM_STATUS_SERIALIZING_BODY_FAILED = 8,
  STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST = 9,
  STRONGROOM_STATUS_RESPONSE_TOO_LARGE = 10,
  STRONGROOM_STATUS_AUTHENTICATION_ERROR = 11,
  STRONGROOM_STATUS_AUTHENTICATOR_DOES_NOT_EXIST = 12,
  STRONGROOM_STATUS_AUTHENTICATOR_NOT_REGISTERED = 13,
  STRONGROOM_STATUS_KEY_INFO_MANAGER_ERROR = 14,
  STRONGROOM_STATUS_CONNECTION_ERROR = 15,
  STRONGROOM_STATUS_INVALID_ENCODING = 16,
  STRONGROOM_STATUS_INVALID_HEADER = 17,
  STRONGROOM_STATUS_WRONG_PROVIDER_UUID = 18,
  STRONGROOM_STATUS_NOT_AUTHENTICATED = 19,
  STRONGROOM_STATUS_BODY_SIZE_EXCEEDS_LIMIT = 20,
  STRONGROOM_STATUS_ADMIN_OPERATION = 21,
  STRONGROOM_STATUS_DEPRECATED_PRIMITIVE = 22,
  STRONGROOM_STATUS_PSA_ERROR_GENERIC_ERROR = 1132,
  STRONGROOM_STATUS_PSA_ERROR_NOT_PERMITTED = 1133,
  STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED = 1134,
  STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT = 1135,
  STRONGROOM_STATUS_PSA_ERROR_INVALID_HANDLE = 1136,
  STRONGROOM_STATUS_PSA_ERROR_BAD_STATE = 1137,
  STRONGROOM_STATUS_PSA_ERROR_BUFFER_TOO_SMALL = 1138,
  STRONGROOM_STATUS_PSA_ERROR_ALREADY_EXISTS = 1139,
  STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST = 1140,
  STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_MEMORY = 1141,
  STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_STORAGE = 1142,
  STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_DATA = 1143,
  STRONGROOM_STATUS_PSA_ERROR_COMMUNICATION_FAILURE = 1145,
  STRONGROOM_STATUS_PSA_ERROR_STORAGE_FAILURE = 1146,
  STRONGROOM_STATUS_PSA_ERROR_HARDWARE_FAILURE = 1147,
  STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_ENTROPY = 1148,
  STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE = 1149,
  STRONGROOM_STATUS_PSA_ERROR_INVALID_PADDING = 1150,
  STRONGROOM_STATUS_PSA_ERROR_CORRUPTION_DETECTED = 1151,
  STRONGROOM_STATUS_PSA_ERROR_DATA_CORRUPT = 1152,
  STRONGROOM_STATUS_PSA_ERROR_DATA_INVALID = 1153
} strongroom_status;

// The protocol's word for it, such as "PsaErrorDoesNotExist", or "Unknown". Static.
STRONGROOM_API const char* strongroom_status_name(strongroom_status status) STRONGROOM_NOEXCEPT;

// Where a call failed. For sources other than SERVICE the status is the nearest one:
// PSA_ERROR_INVALID_ARGUMENT, PSA_ERROR_INSUFFICIENT_MEMORY, CONNECTION_ERROR, and for answers what
// is wrong with them. Whether the service may all the same have made a change is
// strongroom_error_outcome_is_unknown().
typedef enum strongroom_source STRONGROOM_ENUM {
  // An argument that cannot be sent, an endpoint that is not one, or no memory.
  STRONGROOM_SOURCE_CALLER = 0,
  STRONGROOM_SOURCE_ENDPOINT = 1,    // no socket to talk to, or one that is not trusted
  STRONGROOM_SOURCE_CONNECTION = 2,  // lost once sending had begun
  STRONGROOM_SOURCE_ANSWER = 3,      // what came back does not answer the request
  // The service answered, and the status is its word; or PROVIDER_NOT_REGISTERED, because no
  // provider was chosen and the service lists none that keeps keys.
  STRONGROOM_SOURCE_SERVICE = 4,
  STRONGROOM_SOURCE_TIMEOUT = 5,   // the caller's time was up
  STRONGROOM_SOURCE_CANCELLED = 6  // the caller's own wish
} strongroom_source;

// Why a call failed. Holds no secret.
typedef struct strongroom_error strongroom_error;

// What the call returned.
STRONGROOM_API strongroom_status strongroom_error_status(const strongroom_error* error)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_source strongroom_error_source(const strongroom_error* error)
    STRONGROOM_NOEXCEPT;
// One line for people, the innermost cause last: "connecting to '/run/…': errno 2 (No such …)".
STRONGROOM_API const char* strongroom_error_message(const strongroom_error* error)
    STRONGROOM_NOEXCEPT;
// The errno(3) behind it; 0 when there is none.
STRONGROOM_API int strongroom_error_errno(const strongroom_error* error) STRONGROOM_NOEXCEPT;
// True when the call would change something (a key made or destroyed), it or a part of it was sent,
// and no answer was read: it may or may not have been carried out.
STRONGROOM_API bool strongroom_error_outcome_is_unknown(const strongroom_error* error)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_error_free(strongroom_error* error) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
