// What return values of Cryptoki mean to a caller, decided in one place, and the error type of this
// room: recovery needs the value itself.
#pragma once

#include <source_location>

#include "base/error.h"
#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::pkcs11 {

// An Error that remembers the return value it came from; CKR_OK when it came from none.
class Pkcs11Error : public Error {
 public:
  Pkcs11Error(Error error, CK_RV code = CKR_OK) noexcept  // NOLINT(google-explicit-*)
      : Error(std::move(error)), code_(code) {}

  CK_RV code() const noexcept { return code_; }

 private:
  CK_RV code_;
};

// As Result, which it turns into where a caller wants no more than an Error.
template <typename T = void>
class [[nodiscard]] Outcome : public std::expected<T, Pkcs11Error> {
 public:
  using std::expected<T, Pkcs11Error>::expected;
};

// The Status by the table; PsaErrorHardwareFailure for any other value.
Status status_of_pkcs11(CK_RV code) noexcept;

// `function` is the one that failed, "C_Sign". The message has the value in hexadecimal, by its
// name and in p11-kit's words.
Pkcs11Error pkcs11_error(const char* function, CK_RV code,
                         std::source_location where = std::source_location::current());

// As above where the value can only mean what the caller sent.
Pkcs11Error pkcs11_refusal(const char* function, CK_RV code, Status refusal,
                           std::source_location where = std::source_location::current());

// An answer that no module may give: longer than the room it was given, or of another form.
Pkcs11Error malformed_answer(const char* function, const char* what,
                             std::source_location where = std::source_location::current());

// Success for CKR_OK.
Outcome<> outcome_of(const char* function, CK_RV code,
                     std::source_location where = std::source_location::current());

// Whether the token has lost the sessions or the login, or went away: all is to be made anew.
bool is_lost(CK_RV code) noexcept;
// Of these, whether the module itself has to begin anew: it lost its device, or its other half in a
// process that died.
bool needs_restart(CK_RV code) noexcept;
// Whether a handle is of no object (any more).
bool is_of_no_object(CK_RV code) noexcept;

}  // namespace strongroom::pkcs11
