#include "providers/pkcs11/upkeep/kept_token.h"

#include "providers/pkcs11/upkeep/stored_identity.h"

namespace strongroom::pkcs11 {

KeptToken::KeptToken(std::string name, Make make, PinInUse::Source pin)
    : name_(std::move(name)),
      make_(std::move(make)),
      pin_(std::make_shared<PinInUse>(std::move(pin))) {}

Result<std::shared_ptr<TokenBackend>> KeptToken::in_use() const {
  const std::lock_guard lock(mutex_);
  if (in_use_) return in_use_;
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("the token of provider '{}' has not been found yet", name_));
}

Result<> KeptToken::look() {
  // A PIN that was mended where it stands is another one, tried once.
  if (pin_->was_mended().value_or(false)) refuse(std::nullopt);
  if (!backend_) TRY(make_backend());
  auto found = find();
  // One that nobody has pinned remembers what it found first.
  if (!found && !pinned_) give_up();
  found_ = TRY(std::move(found));
  if (pinned_ && *found_ != *pinned_)
    return fail(Status::PsaErrorHardwareFailure,
                fmt::format("{} is there, but the keys are in {}; put that one back, or give up "
                            "those keys, by 'strongroom provider accept-root {}'",
                            to_string(*found_), to_string(*pinned_), name_));
  if (pinned_) put_to_use(backend_);
  return {};
}

Result<> KeptToken::make_backend() {
  backend_ = TRY(make_(pinned_, pin_->login()));
  if (is_unlocked_) backend_->allow_login();
  is_unlocked_ = false;
  return {};
}

Result<TokenIdentity> KeptToken::find() {
  auto found = backend_->identity();
  if (found || (!backend_->is_login_stopped() && !pin_->refused())) return found;
  if (const auto mended = pin_->was_mended(); !mended)
    return fail(found.error().status(),
                fmt::format("{}; there is no other PIN to try: {}", found.error().message(),
                            mended.error().message()));
  return fail(found.error().status(),
              fmt::format("{}; another PIN is tried as soon as it stands there, and this one by "
                          "'strongroom provider unlock {}'",
                          found.error().message(), name_));
}

Bytes KeptToken::identity() {
  if (pinned_) return to_stored(*pinned_);
  return found_ ? to_stored(*found_) : Bytes();
}

std::string KeptToken::text_of(const Bytes& identity) const {
  const auto known = identity_from_stored(identity);
  return known ? to_string(*known) : "a token of no name";
}

void KeptToken::pin(Bytes identity) {
  auto wanted = identity_from_stored(identity);
  if (wanted && wanted == pinned_) return;
  give_up();
  pinned_ = std::move(wanted);
}

std::string KeptToken::remark() const {
  return backend_ ? backend_->missing_confinement() : std::string();
}

void KeptToken::refuse(std::optional<RefusedSecret> secret) {
  pin_->refuse(secret);
  give_up();  // a login knows of refusals from its beginning
}

void KeptToken::unlock() {
  pin_->refuse(std::nullopt);
  if (backend_)
    backend_->allow_login();
  else
    is_unlocked_ = true;
}

void KeptToken::put_to_use(std::shared_ptr<TokenBackend> backend) {
  const std::lock_guard lock(mutex_);
  in_use_.swap(backend);
}

void KeptToken::close() {
  if (auto backend = in_use()) (*backend)->close();
}

void KeptToken::give_up() {
  backend_.reset();
  put_to_use(nullptr);
}

}  // namespace strongroom::pkcs11
