#include "providers/pkcs11/upkeep/pin_in_use.h"

namespace strongroom::pkcs11 {

void PinInUse::use(Source source) {
  const std::lock_guard lock(mutex_);
  source_ = std::move(source);
}

PinInUse::Source PinInUse::source() const {
  const std::lock_guard lock(mutex_);
  return source_;
}

Login::Settings PinInUse::login() {
  Login::Settings login{.pin = {}, .was_refused = refused().has_value() && !was_mended()};
  if (source()) login.pin = [self = shared_from_this()] { return self->read(); };
  login.on_refused = [self = shared_from_this()] { self->refuse_last(); };
  return login;
}

Result<SecretBuffer> PinInUse::read() {
  auto pin = TRY(source()());
  auto tried = TRY(RefusedSecret::of(pin.reveal()));
  const std::lock_guard lock(mutex_);
  last_ = tried;
  return pin;
}

// A keypad's PIN is not known: an empty one stands for it.
void PinInUse::refuse_last() {
  std::optional<RefusedSecret> refused;
  {
    const std::lock_guard lock(mutex_);
    if (!last_)
      if (auto nothing = RefusedSecret::of({})) last_ = *nothing;
    refused = refused_ = last_;
  }
  if (refused && told_) told_(*refused);
}

std::optional<RefusedSecret> PinInUse::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void PinInUse::refuse(std::optional<RefusedSecret> secret) {
  const std::lock_guard lock(mutex_);
  refused_ = secret;
}

bool PinInUse::was_mended() const {
  const std::optional<RefusedSecret> before = refused();
  const Source ask = source();
  if (!before || !ask) return false;
  const auto pin = ask();
  return pin && !before->is(pin->reveal());
}

}  // namespace strongroom::pkcs11
