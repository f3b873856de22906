#include "providers/pkcs11/token/login.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

using Verdict = Login::Settings::Verdict;

// PKCS#11 v2.40 §5.6, C_Login: what is said before anybody looks at the PIN. All else counts as a
// wrong one, as there are tokens that say so by CKR_FUNCTION_FAILED or a code of their own.
constexpr std::array kNotTried = {
    CKR_SESSION_HANDLE_INVALID,
    CKR_SESSION_CLOSED,
    CKR_SESSION_READ_ONLY_EXISTS,
    CKR_TOKEN_NOT_PRESENT,
    CKR_TOKEN_NOT_RECOGNIZED,
    CKR_DEVICE_REMOVED,
    CKR_SLOT_ID_INVALID,
    CKR_CRYPTOKI_NOT_INITIALIZED,
    CKR_OPERATION_NOT_INITIALIZED,
    CKR_USER_ALREADY_LOGGED_IN,
    CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
    CKR_USER_TOO_MANY_TYPES,
    CKR_USER_TYPE_INVALID,
    CKR_USER_PIN_NOT_INITIALIZED,
    CKR_FUNCTION_NOT_SUPPORTED,
};
// Of the device or the machine, by their names; one more attempt may tell.
constexpr std::array kUnclear = {CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY, CKR_HOST_MEMORY};
constexpr unsigned kMostUnclear = 2;
// Whatever becomes of the token.
constexpr std::array kOfThePin = {CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE,
                                  CKR_PIN_EXPIRED, CKR_PIN_LOCKED};

template <typename Codes>
bool contains(const Codes& codes, CK_RV code) {
  return std::ranges::find(codes, code) != codes.end();
}

Pkcs11Error not_tried(const char* why) {
  return Error(Status::PsaErrorHardwareFailure, fmt::format("the PIN is not tried: {}", why));
}

}  // namespace

Error pin_was_refused() {
  return {Status::PsaErrorHardwareFailure,
          "the token has refused the PIN, which is not tried again by itself"};
}

Login::Login(Settings settings) : settings_(std::move(settings)) {
  if (settings_.was_refused) stopped_ = pin_was_refused();
}

Outcome<> Login::log_in(const Functions& functions, CK_SESSION_HANDLE session,
                        const FoundToken& token) {
  std::lock_guard lock(mutex_);
  if (stopped_) return std::unexpected(*stopped_);
  if ((token.info.flags & CKF_LOGIN_REQUIRED) == 0) return {};
  TRY(check(token.info.flags));
  return attempt(functions, session, CKU_USER, &token);
}

Outcome<> Login::log_in_for_operation(const Functions& functions, CK_SESSION_HANDLE session) {
  std::lock_guard lock(mutex_);
  if (stopped_) return std::unexpected(*stopped_);
  return attempt(functions, session, CKU_CONTEXT_SPECIFIC, nullptr);
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

Outcome<> Login::attempt(const Functions& functions, CK_SESSION_HANDLE session, CK_USER_TYPE user,
                         const FoundToken* token) {
  SecretBuffer pin;
  if (settings_.pin) pin = TRY(in_context(settings_.pin(), "reading the PIN"));
  may_be_last_ = false;
  CK_RV code = functions.call<&CK_FUNCTION_LIST::C_Login>(
      session, user, settings_.pin ? octets(pin.reveal_mutable()) : nullptr,
      static_cast<CK_ULONG>(pin.size()));
  if (code != CKR_OK && (code != CKR_USER_ALREADY_LOGGED_IN || user != CKU_USER))
    return failed(code, token != nullptr && !check_present(functions, *token));
  unclear_ = 0;
  tell(Verdict::Accepted);
  return {};
}

// One that is drawn out in the middle of it may fail in any way.
Outcome<> Login::failed(CK_RV code, bool has_gone) {
  const bool may_be_unclear = contains(kUnclear, code) || (has_gone && !contains(kOfThePin, code));
  const bool is_unclear = may_be_unclear && !contains(kNotTried, code) && ++unclear_ < kMostUnclear;
  if (!is_unclear && !contains(kNotTried, code)) return stop(pkcs11_error("C_Login", code));
  tell(is_unclear ? Verdict::Unclear : Verdict::NotTried);
  return std::unexpected(pkcs11_error("C_Login", code));
}

void Login::tell(Verdict verdict) const {
  if (settings_.on_verdict) settings_.on_verdict(verdict);
}

Outcome<> Login::stop(Pkcs11Error error) {
  stopped_ = pin_was_refused();
  log::error("pkcs11", "the token refuses the PIN, which is not tried again: {}", error.message());
  if (settings_.on_refused) settings_.on_refused();
  return std::unexpected(std::move(error));
}

void Login::allow_again() {
  std::lock_guard lock(mutex_);
  stopped_.reset();
  may_be_last_ = true;
  unclear_ = 0;
}

bool Login::is_stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_.has_value();
}

}  // namespace strongroom::pkcs11
