// The PIN of a token as its upkeep sees it: where it stands, and whether it was refused.
#pragma once

#include <functional>
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

  // Called with the PIN that a token has just refused, before anybody learns of it. Once, before
  // there are logins.
  using OnRefused = std::function<void(const RefusedSecret&)>;
  void on_refused(OnRefused told) { told_ = std::move(told); }

  // From the next login on.
  void use(Source source);

  // For a login: with the PIN as it stands, and whether that was refused.
  Login::Settings login();

  std::optional<RefusedSecret> refused() const;
  void refuse(std::optional<RefusedSecret> secret);
  // Whether a PIN was refused, and another stands there by now. One that cannot be read is none.
  bool was_mended() const;

 private:
  Result<SecretBuffer> read();
  void refuse_last();
  Source source() const;

  OnRefused told_;
  mutable std::mutex mutex_;  // guards what follows
  Source source_;
  std::optional<RefusedSecret> last_;  // that a login has tried
  std::optional<RefusedSecret> refused_;
};

}  // namespace strongroom::pkcs11
