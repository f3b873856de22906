// What response codes of a TPM and of the TSS mean to a caller, decided in one place, and the
// error type of this room: recovery needs the code itself.
#pragma once

#include <source_location>

#include <tss2/tss2_common.h>
#include <tss2/tss2_tpm2_types.h>

#include "base/error.h"

namespace strongroom::tpm {

// An Error that remembers the response code it came from; 0 when it came from none.
class TpmError : public Error {
 public:
  TpmError(Error error, TSS2_RC code = TPM2_RC_SUCCESS) noexcept  // NOLINT(google-explicit-*)
      : Error(std::move(error)), code_(code) {}

  // Without the layer, and of a code that tells which handle, parameter or session it means,
  // without that.
  TSS2_RC code() const noexcept { return code_; }

 private:
  TSS2_RC code_;
};

// As Result, which it turns into where a caller wants no more than an Error.
template <typename T = void>
class [[nodiscard]] Outcome : public std::expected<T, TpmError> {
 public:
  using std::expected<T, TpmError>::expected;
};

// The part of a response code that names the error: TPM 2.0 r1.59 Part 1 §39 ("Response Codes").
// Of codes that are not the TPM's it keeps the layer.
TSS2_RC bare_code(TSS2_RC code) noexcept;

// The Status by the table; PsaErrorHardwareFailure for any other code.
Status status_of_tpm(TSS2_RC code) noexcept;

// `command` is the one that failed, "TPM2_Sign". The message has the code in hexadecimal and in the
// TSS's words.
TpmError tpm_error(const char* command, TSS2_RC code,
                   std::source_location where = std::source_location::current());

// As above where the code can only mean what the caller sent.
TpmError tpm_refusal(const char* command, TSS2_RC code, Status refusal,
                     std::source_location where = std::source_location::current());

// An answer that no TPM gives: too short, too long, of another form.
TpmError malformed_answer(const char* command, const char* what,
                          std::source_location where = std::source_location::current());

}  // namespace strongroom::tpm
