#include "providers/pkcs11/module/pkcs11_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <p11-kit/p11-kit.h>

#include "providers/pkcs11/module/return_values.h"

namespace strongroom::pkcs11 {
namespace {

struct Row {
  CK_RV code;
  Status status;
};
constexpr std::array kTable = {
    Row{CKR_HOST_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{CKR_SESSION_COUNT, Status::PsaErrorInsufficientMemory},
    Row{CKR_DEVICE_MEMORY, Status::PsaErrorInsufficientStorage},
    // What was sent is no good.
    Row{CKR_ARGUMENTS_BAD, Status::PsaErrorInvalidArgument},
    Row{CKR_DATA_INVALID, Status::PsaErrorInvalidArgument},
    Row{CKR_DATA_LEN_RANGE, Status::PsaErrorInvalidArgument},
    Row{CKR_ENCRYPTED_DATA_INVALID, Status::PsaErrorInvalidArgument},
    Row{CKR_ENCRYPTED_DATA_LEN_RANGE, Status::PsaErrorInvalidArgument},
    Row{CKR_SIGNATURE_INVALID, Status::PsaErrorInvalidSignature},
    Row{CKR_SIGNATURE_LEN_RANGE, Status::PsaErrorInvalidSignature},
    // What was asked for is not there.
    Row{CKR_ATTRIBUTE_READ_ONLY, Status::PsaErrorNotSupported},
    Row{CKR_ATTRIBUTE_TYPE_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_ATTRIBUTE_VALUE_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_CURVE_NOT_SUPPORTED, Status::PsaErrorNotSupported},
    Row{CKR_DOMAIN_PARAMS_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_FUNCTION_NOT_SUPPORTED, Status::PsaErrorNotSupported},
    Row{CKR_KEY_SIZE_RANGE, Status::PsaErrorNotSupported},
    Row{CKR_MECHANISM_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_MECHANISM_PARAM_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_RANDOM_NO_RNG, Status::PsaErrorNotSupported},
    Row{CKR_TEMPLATE_INCOMPLETE, Status::PsaErrorNotSupported},
    Row{CKR_TEMPLATE_INCONSISTENT, Status::PsaErrorNotSupported},
    // What the key or the token does not allow.
    Row{CKR_ACTION_PROHIBITED, Status::PsaErrorNotPermitted},
    Row{CKR_ATTRIBUTE_SENSITIVE, Status::PsaErrorNotPermitted},
    Row{CKR_KEY_FUNCTION_NOT_PERMITTED, Status::PsaErrorNotPermitted},
    Row{CKR_KEY_UNEXTRACTABLE, Status::PsaErrorNotPermitted},
    Row{CKR_SESSION_READ_ONLY, Status::PsaErrorNotPermitted},
    Row{CKR_TOKEN_WRITE_PROTECTED, Status::PsaErrorNotPermitted},
    Row{CKR_KEY_HANDLE_INVALID, Status::PsaErrorDoesNotExist},
    Row{CKR_OBJECT_HANDLE_INVALID, Status::PsaErrorDoesNotExist},
};

constexpr std::array kLost = {
    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,  CKR_USER_NOT_LOGGED_IN,
    CKR_DEVICE_REMOVED,         CKR_DEVICE_ERROR,    CKR_TOKEN_NOT_PRESENT,
    CKR_TOKEN_NOT_RECOGNIZED,   CKR_SLOT_ID_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED,
};
constexpr std::array kRestart = {
    CKR_DEVICE_REMOVED,       CKR_DEVICE_ERROR,    CKR_TOKEN_NOT_PRESENT,
    CKR_TOKEN_NOT_RECOGNIZED, CKR_SLOT_ID_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED,
};

template <typename Codes>
bool contains(const Codes& codes, CK_RV code) {
  return std::ranges::find(codes, code) != codes.end();
}

std::string message_of(const char* function, CK_RV code) {
  const std::string_view name = name_of_return_value(code);
  return fmt::format("{}: 0x{:x}{}{} ({})", function, code, name.empty() ? "" : " ", name,
                     p11_kit_strerror(code));
}

}  // namespace

Status status_of_pkcs11(CK_RV code) noexcept {
  const auto* row = std::ranges::find(kTable, code, &Row::code);
  return row == kTable.end() ? Status::PsaErrorHardwareFailure : row->status;
}

Pkcs11Error pkcs11_error(const char* function, CK_RV code, std::source_location where) {
  return {Error(status_of_pkcs11(code), message_of(function, code), where), code};
}

Pkcs11Error pkcs11_refusal(const char* function, CK_RV code, Status refusal,
                           std::source_location where) {
  return {Error(refusal, message_of(function, code), where), code};
}

Pkcs11Error malformed_answer(const char* function, const char* what, std::source_location where) {
  return Error(Status::PsaErrorCommunicationFailure,
               fmt::format("{}: malformed answer: {}", function, what), where);
}

Outcome<> outcome_of(const char* function, CK_RV code, std::source_location where) {
  if (code == CKR_OK) return {};
  return std::unexpected(pkcs11_error(function, code, where));
}

bool is_lost(CK_RV code) noexcept {
  return contains(kLost, code);
}

bool needs_restart(CK_RV code) noexcept {
  return contains(kRestart, code);
}

bool is_of_no_object(CK_RV code) noexcept {
  return code == CKR_KEY_HANDLE_INVALID || code == CKR_OBJECT_HANDLE_INVALID;
}

}  // namespace strongroom::pkcs11
