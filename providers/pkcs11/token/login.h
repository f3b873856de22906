// The PIN, and how often it may be tried: tokens lock themselves after a few wrong ones.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "base/secret_buffer.h"
#include "providers/pkcs11/module/functions.h"
#include "providers/pkcs11/module/pkcs11_error.h"
#include "providers/pkcs11/token/slots.h"

namespace strongroom::pkcs11 {

// What is told from the first refusal on: PsaErrorHardwareFailure. When another attempt is made is
// for those to add who decide that.
Error pin_was_refused();

// Tries one wrong PIN, and never another until it is told to. Any failure that says nothing of the
// token counts as a refusal, unless that has gone meanwhile; and the second of those that say
// nothing at all. For any thread.
class Login {
 public:
  struct Settings {
    // Asked at each login. Without one the token has to have a keypad of its own
    // (CKF_PROTECTED_AUTHENTICATION_PATH).
    std::function<Result<SecretBuffer>()> pin;
    // Whether a PIN was refused before this process: nothing is tried then.
    bool was_refused = false;
    // Called after an attempt that the token did not refuse.
    enum class Verdict : std::uint8_t {
      Accepted,
      NotTried,  // the token was not there, or in no state for it
      Unclear,   // it failed, and may count that as a wrong PIN
    };
    std::function<void(Verdict)> on_verdict{};
    // Called when the token refuses the PIN, before anybody learns of it: what is to be remembered.
    // Does not call back.
    std::function<void()> on_refused{};
  };

  explicit Login(Settings settings);

  // C_Login as the user, unless that is done. PsaErrorHardwareFailure, once the token has refused a
  // PIN, without asking it; and where the token itself says that a wrong PIN would be the last.
  Outcome<> log_in(const Functions& functions, CK_SESSION_HANDLE session, const FoundToken& token);
  // For the one operation that was begun in the session: PKCS#11 v2.40 §5.6, C_Login.
  Outcome<> log_in_for_operation(const Functions& functions, CK_SESSION_HANDLE session);

  // An administrator has seen to the PIN: the next attempt may be the token's last.
  void allow_again();
  bool is_stopped() const;

 private:
  Outcome<> check(CK_FLAGS token);
  // `token` is null where nobody knows it.
  Outcome<> attempt(const Functions& functions, CK_SESSION_HANDLE session, CK_USER_TYPE user,
                    const FoundToken* token);
  Outcome<> stop(Pkcs11Error error);
  Outcome<> failed(CK_RV code, bool has_gone);
  void tell(Settings::Verdict verdict) const;

  Settings settings_;
  mutable std::mutex mutex_;  // held during an attempt: two wrong ones would be one too many
  std::optional<Pkcs11Error> stopped_;
  bool may_be_last_ = false;
  unsigned unclear_ = 0;  // attempts in a row
};

}  // namespace strongroom::pkcs11
