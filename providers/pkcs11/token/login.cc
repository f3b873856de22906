#include "providers/pkcs11/token/login.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::array kRefusals = {CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE,
                                  CKR_PIN_EXPIRED, CKR_PIN_LOCKED};

Pkcs11Error refused_before() {
  return Error(Status::PsaErrorHardwareFailure,
               "the token has refused the PIN before; it is not tried again until an administrator "
               "has corrected it and allows that");
}

Pkcs11Error not_tried(const char* why) {
  return Error(Status::PsaErrorHardwareFailure, fmt::format("the PIN is not tried: {}", why));
}

}  // namespace

Login::Login(Settings settings) : settings_(std::move(settings)) {
  if (settings_.was_refused) stopped_ = refused_before();
}

Outcome<> Login::log_in(const Functions& functions, CK_SESSION_HANDLE session, CK_FLAGS token) {
  std::lock_guard lock(mutex_);
  if (stopped_) return std::unexpected(*stopped_);
  if ((token & CKF_LOGIN_REQUIRED) == 0) return {};
  TRY(check(token));
  return attempt(functions, session, CKU_USER);
}

Outcome<> Login::log_in_for_operation(const Functions& functions, CK_SESSION_HANDLE session) {
  std::lock_guard lock(mutex_);
  if (stopped_) return std::unexpected(*stopped_);
  return attempt(functions, session, CKU_CONTEXT_SPECIFIC);
}

// Whoever tried wrong PINs before us: the last attempt is an administrator's to allow.
Outcome<> Login::check(CK_FLAGS token) {
  if ((token & CKF_USER_PIN_INITIALIZED) == 0)
    return std::unexpected(not_tried("the token has none set for the user"));
  if ((token & CKF_USER_PIN_LOCKED) != 0)
    return std::unexpected(not_tried("it is locked; the security officer has to set a new one"));
  if ((token & CKF_USER_PIN_FINAL_TRY) != 0 && !may_be_last_)
    return std::unexpected(
        not_tried("a wrong one would lock it; an administrator has to allow it"));
  if ((token & CKF_USER_PIN_COUNT_LOW) != 0)
    log::warning("pkcs11", "a wrong PIN has been tried at the token since the last login");
  if (!settings_.pin && (token & CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
    return std::unexpected(not_tried("none is configured"));
  return {};
}

Outcome<> Login::attempt(const Functions& functions, CK_SESSION_HANDLE session, CK_USER_TYPE user) {
  SecretBuffer pin;
  if (settings_.pin) pin = TRY(in_context(settings_.pin(), "reading the PIN"));
  may_be_last_ = false;
  CK_RV code = functions.call<&CK_FUNCTION_LIST::C_Login>(
      session, user, settings_.pin ? octets(pin.reveal_mutable()) : nullptr,
      static_cast<CK_ULONG>(pin.size()));
  if (code == CKR_OK || (code == CKR_USER_ALREADY_LOGGED_IN && user == CKU_USER)) return {};
  if (std::ranges::find(kRefusals, code) != kRefusals.end())
    return stop(pkcs11_error("C_Login", code));
  return std::unexpected(pkcs11_error("C_Login", code));
}

Outcome<> Login::stop(Pkcs11Error error) {
  stopped_ = refused_before();
  log::error("pkcs11", "the token refuses the PIN, which is not tried again: {}", error.message());
  if (settings_.on_refused) settings_.on_refused();
  return std::unexpected(std::move(error));
}

void Login::allow_again() {
  std::lock_guard lock(mutex_);
  stopped_.reset();
  may_be_last_ = true;
}

bool Login::is_stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_.has_value();
}

}  // namespace strongroom::pkcs11
