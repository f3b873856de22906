#include "providers/token_worker/daemon/login_gate.h"

#include "base/log.h"

namespace strongroom::token_worker {

LoginGate::Turn LoginGate::enter(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (!left_.wait_until(lock, deadline, [this] { return !is_taken_; })) return {};
  is_taken_ = true;
  return Turn(this);
}

void LoginGate::leave() noexcept {
  std::lock_guard lock(mutex_);
  is_taken_ = false;
  left_.notify_one();
}

// What an administrator has allowed ends with the attempt, whatever becomes of it.
Result<SecretBuffer> LoginGate::pin() {
  if (is_stopped_) return std::unexpected(pkcs11::pin_was_refused());
  is_allowed_anew_ = false;
  if (settings_.pin) return settings_.pin();
  return fail(Status::PsaErrorHardwareFailure, "no PIN is configured");
}

void LoginGate::refused() {
  if (is_stopped_.exchange(true)) return;
  if (settings_.on_refused) settings_.on_refused();
}

void LoginGate::settled(Verdict verdict) const {
  if (settings_.on_verdict) settings_.on_verdict(verdict);
}

void LoginGate::allow() noexcept {
  is_allowed_anew_ = true;
  is_stopped_ = false;
}

}  // namespace strongroom::token_worker
