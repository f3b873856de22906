// The PIN of a token that several workers log in to, and how often it may be tried.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "providers/pkcs11/token/login.h"

namespace strongroom::token_worker {

// One worker at a time has the PIN, and none once it was refused: what pkcs11::Login is for one
// process. For any thread.
class LoginGate {
 public:
  using Clock = std::chrono::steady_clock;
  using Turn = std::unique_lock<std::timed_mutex>;

  explicit LoginGate(pkcs11::Login::Settings settings)
      : settings_(std::move(settings)), is_stopped_(settings_.was_refused) {}

  // Held from when a worker asks for the PIN until it says what came of it.
  Turn enter(Clock::time_point deadline) { return Turn(turn_, deadline); }
  // Of the one whose turn it is. PsaErrorHardwareFailure once it was refused.
  Result<SecretBuffer> pin() const;
  void refused();

  // What a worker that starts is to know.
  bool has_pin() const noexcept { return static_cast<bool>(settings_.pin); }
  bool is_allowed_anew() const noexcept { return is_allowed_anew_; }
  void has_logged_in() noexcept { is_allowed_anew_ = false; }

  bool is_stopped() const noexcept { return is_stopped_; }
  void allow() noexcept;

 private:
  const pkcs11::Login::Settings settings_;
  std::timed_mutex turn_;
  std::atomic<bool> is_stopped_;
  std::atomic<bool> is_allowed_anew_ = false;
};

// What requests are told meanwhile.
std::unexpected<Error> login_is_stopped();

}  // namespace strongroom::token_worker
