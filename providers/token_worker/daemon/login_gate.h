// The PIN of a token that several workers log in to, and how often it may be tried.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "providers/pkcs11/token/login.h"

namespace strongroom::token_worker {

// One worker at a time has the PIN, and none once it was refused: what pkcs11::Login is for one
// process. For any thread.
class LoginGate {
 public:
  using Clock = std::chrono::steady_clock;

  // Of one worker, from when it asks for the PIN until it says what came of it. A lock of
  // std::timed_mutex would do, if ThreadSanitizer of GCC 12 knew pthread_mutex_clocklock().
  class Turn {
   public:
    Turn() = default;
    Turn(Turn&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Turn& operator=(Turn&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Turn() {
      if (gate_ != nullptr) gate_->leave();
    }
    explicit operator bool() const noexcept { return gate_ != nullptr; }

   private:
    friend class LoginGate;
    explicit Turn(LoginGate* gate) noexcept : gate_(gate) {}

    LoginGate* gate_ = nullptr;
  };

  explicit LoginGate(pkcs11::Login::Settings settings)
      : settings_(std::move(settings)), is_stopped_(settings_.was_refused) {}

  // None when others take longer than until then.
  Turn enter(Clock::time_point deadline);
  // Of the one whose turn it is. PsaErrorHardwareFailure once it was refused.
  Result<SecretBuffer> pin();
  void refused();
  // What else came of it.
  using Verdict = pkcs11::Login::Settings::Verdict;
  void settled(Verdict verdict) const;

  // What a worker that starts is to know.
  bool has_pin() const noexcept { return static_cast<bool>(settings_.pin); }
  bool is_allowed_anew() const noexcept { return is_allowed_anew_; }
  // Without a PIN, perhaps.
  void has_logged_in() noexcept { is_allowed_anew_ = false; }

  bool is_stopped() const noexcept { return is_stopped_; }
  void allow() noexcept;

 private:
  void leave() noexcept;

  const pkcs11::Login::Settings settings_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable left_;
  bool is_taken_ = false;
  std::atomic<bool> is_stopped_;
  std::atomic<bool> is_allowed_anew_ = false;
};

}  // namespace strongroom::token_worker
