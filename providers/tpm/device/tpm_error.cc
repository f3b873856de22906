#include "providers/tpm/device/tpm_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <tss2/tss2_rc.h>

namespace strongroom::tpm {
namespace {

struct Row {
  TSS2_RC code;
  Status status;
};
// Sorted by code within each group.
constexpr std::array kTable = {
    // Format zero.
    Row{TPM2_RC_DISABLED, Status::PsaErrorNotSupported},
    Row{TPM2_RC_COMMAND_CODE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_NV_SPACE, Status::PsaErrorInsufficientStorage},
    Row{TPM2_RC_NO_RESULT, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_SENSITIVE, Status::PsaErrorDataCorrupt},
    // Format one: what is asked for is not there, or the value is no good.
    Row{TPM2_RC_ASYMMETRIC, Status::PsaErrorNotSupported},
    Row{TPM2_RC_ATTRIBUTES, Status::PsaErrorNotSupported},
    Row{TPM2_RC_HASH, Status::PsaErrorNotSupported},
    Row{TPM2_RC_VALUE, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_KEY_SIZE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_MGF, Status::PsaErrorNotSupported},
    Row{TPM2_RC_MODE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_TYPE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_KDF, Status::PsaErrorNotSupported},
    Row{TPM2_RC_RANGE, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_SCHEME, Status::PsaErrorNotSupported},
    Row{TPM2_RC_SIZE, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_SYMMETRIC, Status::PsaErrorNotSupported},
    Row{TPM2_RC_SIGNATURE, Status::PsaErrorInvalidSignature},
    Row{TPM2_RC_KEY, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_INTEGRITY, Status::PsaErrorDataCorrupt},
    Row{TPM2_RC_BINDING, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_CURVE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_ECC_POINT, Status::PsaErrorInvalidArgument},
    // Warnings.
    Row{TPM2_RC_OBJECT_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_SESSION_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_SESSION_HANDLES, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_OBJECT_HANDLES, Status::PsaErrorInsufficientMemory},
    // Still busy at the end of our patience.
    Row{TPM2_RC_RETRY, Status::PsaErrorCommunicationFailure},
    Row{TPM2_RC_YIELDED, Status::PsaErrorCommunicationFailure},
    Row{TPM2_RC_TESTING, Status::PsaErrorCommunicationFailure},
    Row{TPM2_RC_NV_RATE, Status::PsaErrorCommunicationFailure},
    Row{TPM2_RC_NV_UNAVAILABLE, Status::PsaErrorCommunicationFailure},
    // The way there. Without a connection the device is down; what came over it is in question.
    Row{TSS2_TCTI_RC_TRY_AGAIN, Status::PsaErrorCommunicationFailure},
    Row{TSS2_TCTI_RC_MALFORMED_RESPONSE, Status::PsaErrorCommunicationFailure},
    Row{TSS2_TCTI_RC_INSUFFICIENT_BUFFER, Status::PsaErrorCommunicationFailure},
    Row{TSS2_TCTI_RC_MEMORY, Status::PsaErrorInsufficientMemory},
};

bool is_of_the_tpm(TSS2_RC code) {
  TSS2_RC layer = code & TSS2_RC_LAYER_MASK;
  // The kernel's resource manager answers in the one layer, the user space one in the other.
  return layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_RC_LAYER ||
         layer == TSS2_RESMGR_TPM_RC_LAYER;
}

std::string message_of(const char* command, TSS2_RC code) {
  return fmt::format("{}: 0x{:x} ({})", command, code, Tss2_RC_Decode(code));
}

}  // namespace

TSS2_RC bare_code(TSS2_RC code) noexcept {
  if (!is_of_the_tpm(code)) return code;
  code &= ~TSS2_RC_LAYER_MASK;
  constexpr TSS2_RC kErrorOfFormatOne = 0x3f;
  return (code & TPM2_RC_FMT1) != 0 ? (code & (TPM2_RC_FMT1 | kErrorOfFormatOne)) : code;
}

Status status_of_tpm(TSS2_RC code) noexcept {
  const auto* row = std::ranges::find(kTable, bare_code(code), &Row::code);
  return row == kTable.end() ? Status::PsaErrorHardwareFailure : row->status;
}

TpmError tpm_error(const char* command, TSS2_RC code, std::source_location where) {
  return {Error(status_of_tpm(code), message_of(command, code), where), bare_code(code)};
}

TpmError tpm_refusal(const char* command, TSS2_RC code, Status refusal,
                     std::source_location where) {
  return {Error(refusal, message_of(command, code), where), bare_code(code)};
}

TpmError malformed_answer(const char* command, const char* what, std::source_location where) {
  return {Error(Status::PsaErrorCommunicationFailure,
                fmt::format("{}: malformed answer: {}", command, what), where),
          TSS2_TCTI_RC_MALFORMED_RESPONSE};
}

}  // namespace strongroom::tpm
