#include "providers/pkcs11/upkeep/pin_in_use.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

// An attempt, and one more.
constexpr unsigned kMostUnsettled = 2;

std::unexpected<Error> not_handed_out(const char* why) {
  return fail(Status::PsaErrorHardwareFailure, fmt::format("the PIN is not tried again: {}", why));
}

// A PIN that cannot be read is a device that does not serve, whatever keeps it from being read:
// that says nothing of what an application may do.
Result<SecretBuffer> read_from(const PinInUse::Source& source) {
  auto pin = source();
  if (!pin) return fail(Status::PsaErrorHardwareFailure, pin.error().message());
  if (pin->is_empty()) return fail(Status::PsaErrorHardwareFailure, "the PIN is empty");
  return pin;
}

}  // namespace

void PinInUse::use(Source source) {
  const std::lock_guard lock(mutex_);
  source_ = std::move(source);
}

PinInUse::Source PinInUse::source() const {
  const std::lock_guard lock(mutex_);
  return source_;
}

Login::Settings PinInUse::login() {
  Login::Settings login{.pin = {},
                        .was_refused = refused().has_value() && !was_mended().value_or(false)};
  if (source()) login.pin = [self = shared_from_this()] { return self->read(); };
  login.on_refused = [self = shared_from_this()] { self->refuse_last(); };
  login.on_verdict = [self = shared_from_this()](Verdict verdict) { self->settle(verdict); };
  return login;
}

Result<SecretBuffer> PinInUse::read() {
  SecretBuffer pin = TRY(read_from(source()));
  TRY(begin_attempt(pin.reveal()));
  return pin;
}

Result<> PinInUse::begin_attempt(ByteView pin) {
  std::unique_lock lock(mutex_);
  if (refused_ && refused_->is(pin)) return not_handed_out("the token has refused it");
  if (!last_ || !last_->is(pin)) {
    last_ = TRY(RefusedSecret::of(pin));
    is_accepted_ = false;
    unsettled_ = 0;
  }
  if (is_accepted_) return {};
  if (unsettled_ >= kMostUnsettled) {
    lock.unlock();
    refuse_last();
    return not_handed_out("twice nobody has learnt what came of it");
  }
  ++unsettled_;
  return note_attempts(lock);
}

Result<> PinInUse::note_attempts(std::unique_lock<std::mutex>& lock) {
  is_noted_ = true;
  auto noted = TRY(attempt_to_stored());
  lock.unlock();
  if (attempt_told_.begins) attempt_told_.begins(std::move(noted));
  return {};
}

// The PIN as one that was refused would be, and how often.
Result<SecretBuffer> PinInUse::attempt_to_stored() const {
  auto secret = TRY(last_->to_stored());
  auto stored = TRY(SecretBuffer::of_size(secret.size() + 1));
  std::ranges::copy(secret.reveal(), stored.reveal_mutable().begin());
  stored.reveal_mutable().back() = static_cast<std::byte>(unsettled_);
  return stored;
}

void PinInUse::recall_attempt(ByteView stored) {
  if (stored.empty()) return;
  const auto secret = RefusedSecret::from_stored(stored.first(stored.size() - 1));
  if (!secret) return;
  const std::lock_guard lock(mutex_);
  last_ = secret;
  unsettled_ = std::to_integer<unsigned>(stored.back());
  is_noted_ = true;
}

void PinInUse::settle(Verdict verdict) {
  {
    std::unique_lock lock(mutex_);
    if (verdict == Verdict::Unclear) {
      // Accepted before, it was not counted.
      if (std::exchange(is_accepted_, false)) unsettled_ = 1;
      return;
    }
    // What was not tried takes back its own attempt alone.
    unsettled_ = verdict == Verdict::NotTried && unsettled_ > 0 ? unsettled_ - 1 : 0;
    if (verdict == Verdict::Accepted) is_accepted_ = true;
    if (unsettled_ > 0) {
      if (Result<> noted = note_attempts(lock); !noted)
        log::warning("pkcs11", "noting attempts with the PIN: {}", noted.error().message());
      return;
    }
  }
  end_attempt();
}

void PinInUse::end_attempt() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(is_noted_, false)) return;
  }
  if (attempt_told_.ends) attempt_told_.ends();
}

// A keypad's PIN is not known: an empty one stands for it.
void PinInUse::refuse_last() {
  std::optional<RefusedSecret> refused;
  {
    const std::lock_guard lock(mutex_);
    if (!last_)
      if (auto nothing = RefusedSecret::of({})) last_ = *nothing;
    refused = refused_ = last_;
    is_accepted_ = false;
    unsettled_ = 0;
  }
  if (refused && told_) told_(*refused);
  end_attempt();
}

std::optional<RefusedSecret> PinInUse::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void PinInUse::refuse(std::optional<RefusedSecret> secret) {
  const std::lock_guard lock(mutex_);
  refused_ = secret;
  unsettled_ = 0;
}

Result<bool> PinInUse::was_mended() const {
  const std::optional<RefusedSecret> before = refused();
  const Source ask = source();
  if (!before || !ask) return false;
  const SecretBuffer pin = TRY(read_from(ask));
  return !before->is(pin.reveal());
}

}  // namespace strongroom::pkcs11
