// The PIN of a token as its upkeep sees it: where it stands, and whether it was refused.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "providers/pkcs11/token/login.h"
#include "providers/upkeep/refused_secret.h"

namespace strongroom::pkcs11 {

// Shared with the logins that read the PIN. For any thread.
class PinInUse : public std::enable_shared_from_this<PinInUse> {
 public:
  // Asked at each login. Empty where there is no PIN: the token has a keypad, or wants none.
  using Source = std::function<Result<SecretBuffer>()>;
  explicit PinInUse(Source source) : source_(std::move(source)) {}

  // Called with what tells a PIN that a token has just refused from others, and is not the PIN,
  // before anybody learns of it. Set once, before there are logins.
  using OnRefused = std::function<void(const RefusedSecret&)>;
  void on_refused(OnRefused told) { told_ = std::move(told); }

  // Called before a PIN that has not been accepted yet is handed out, with what is to be remembered
  // of that; and when it is known what came of it. As above.
  struct OnAttempt {
    std::function<void(SecretBuffer)> begins;
    std::function<void()> ends;
  };
  void on_attempt(OnAttempt told) { attempt_told_ = std::move(told); }
  // What an earlier process has remembered.
  void recall_attempt(ByteView stored);

  // From the next login on.
  void use(Source source);

  // For a login: with the PIN as it stands, and whether that was refused.
  Login::Settings login();

  std::optional<RefusedSecret> refused() const;
  void refuse(std::optional<RefusedSecret> secret);
  // Whether a PIN was refused, and another stands there by now. Fails when one was, and what keeps
  // any from being read is why none is there.
  Result<bool> was_mended() const;

 private:
  using Verdict = Login::Settings::Verdict;

  // One that was handed out twice, and nobody knows what came of it, counts as refused.
  Result<SecretBuffer> read();
  Result<> begin_attempt(ByteView pin);
  // With the mutex held, which it gives up.
  Result<> note_attempts(std::unique_lock<std::mutex>& lock);
  Result<SecretBuffer> attempt_to_stored() const;
  void settle(Verdict verdict);
  void refuse_last();
  void end_attempt();
  Source source() const;

  OnRefused told_;
  OnAttempt attempt_told_;
  mutable std::mutex mutex_;  // guards what follows
  Source source_;
  std::optional<RefusedSecret> last_;  // that a login has tried, …
  bool is_accepted_ = false;           // which this process has seen accepted,
  unsigned unsettled_ = 0;             // or how often without that anybody knows what came of it
  bool is_noted_ = false;
  std::optional<RefusedSecret> refused_;
};

}  // namespace strongroom::pkcs11
