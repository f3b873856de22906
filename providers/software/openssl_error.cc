#include "providers/software/openssl_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/ecerr.h>
#include <openssl/err.h>
#include <openssl/proverr.h>
#include <openssl/rsaerr.h>

namespace strongroom::software {
namespace {

constexpr int kAny = -1;

struct Row {
  int library;
  int reason;
  Status status;
};
// The first row that fits decides.
constexpr std::array kTable = {
    Row{kAny, ERR_R_MALLOC_FAILURE, Status::PsaErrorInsufficientMemory},
    Row{ERR_LIB_RAND, kAny, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_ENTROPY_SOURCE_STRENGTH_TOO_WEAK, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_ERROR_INSTANTIATING_DRBG, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_ERROR_RETRIEVING_ENTROPY, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_ERROR_RETRIEVING_NONCE, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_GENERATE_ERROR, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_PARENT_CANNOT_SUPPLY_ENTROPY_SEED,
        Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_PARENT_STRENGTH_TOO_WEAK, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_UNABLE_TO_GET_PARENT_STRENGTH, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_RSA, RSA_R_DATA_TOO_LARGE_FOR_MODULUS, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_OAEP_DECODING_ERROR, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_PADDING_CHECK_FAILED, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_PKCS_DECODING_ERROR, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_EC, EC_R_COORDINATES_OUT_OF_RANGE, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EC, EC_R_INVALID_ENCODING, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EC, EC_R_INVALID_PRIVATE_KEY, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EC, EC_R_POINT_AT_INFINITY, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE, Status::PsaErrorInvalidArgument},
};

// The queue's telling entry: the first the table knows, else the first. A lack of memory or entropy
// counts wherever it stands, because later entries only repeat that something failed.
struct Cause {
  unsigned long code = 0;
  Status status = Status::PsaErrorGenericError;
};

bool is_lack_of_resources(Status status) {
  return status == Status::PsaErrorInsufficientMemory ||
         status == Status::PsaErrorInsufficientEntropy;
}

Cause drain_queue() {
  Cause cause;
  while (unsigned long code = ERR_get_error()) {
    Status status = status_of_openssl(code);
    bool tells_more = cause.status == Status::PsaErrorGenericError &&
                      (cause.code == 0 || status != Status::PsaErrorGenericError);
    if (tells_more || is_lack_of_resources(status)) cause = {code, status};
  }
  return cause;
}

Error error_of(const char* call, const Cause& cause, Status status, std::source_location where) {
  const char* reason = ERR_reason_error_string(cause.code);
  return {status, fmt::format("{}: 0x{:x} ({})", call, cause.code, reason ? reason : "no reason"),
          where};
}

}  // namespace

Status status_of_openssl(unsigned long code) noexcept {
  int library = ERR_GET_LIB(code);
  int reason = ERR_GET_REASON(code);
  const auto* row = std::ranges::find_if(kTable, [&](const Row& candidate) {
    return (candidate.library == kAny || candidate.library == library) &&
           (candidate.reason == kAny || candidate.reason == reason);
  });
  return row == kTable.end() ? Status::PsaErrorGenericError : row->status;
}

Error openssl_error(const char* call, std::source_location where) {
  Cause cause = drain_queue();
  return error_of(call, cause, cause.status, where);
}

Error openssl_refusal(const char* call, Status refusal, std::source_location where) {
  Cause cause = drain_queue();
  return error_of(call, cause, is_lack_of_resources(cause.status) ? cause.status : refusal, where);
}

}  // namespace strongroom::software
