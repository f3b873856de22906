#include "providers/upkeep/upkeep.h"

#include <utility>

#include "base/log.h"
#include "base/wall_clock.h"

namespace strongroom {
namespace {

constexpr std::chrono::milliseconds kPauseForNotes{50};
// Of somebody who is about to be told that a secret was refused.
constexpr std::chrono::seconds kPatienceWithNotes{5};

// All that leads to the device is in use: that is no failure of its own.
bool is_busy(const Error& error) {
  return error.status() == Status::PsaErrorInsufficientMemory;
}

// It is down still while somebody looks.
ProviderState lasting(ProviderState state) {
  return state == ProviderState::Recovering ? ProviderState::Down : state;
}

}  // namespace

Upkeep::Upkeep(std::string name, const DeviceWords& words, std::shared_ptr<DeviceThread> thread,
               Kind kind)
    : name_(std::move(name)),
      words_(words),
      thread_(std::move(thread)),
      kind_(kind),
      breaker_(CircuitBreaker::Pauses(), Clock::now()),
      reason_(fmt::format("its {} has not been recalled yet", words_.identity)),
      since_(now_in_seconds()) {}

void Upkeep::begin(std::shared_ptr<ProviderNotes> notes) {
  notes_ = std::move(notes);
  const std::lock_guard lock(mutex_);
  has_begun_ = true;
  reason_ = fmt::format("nobody has looked at the {} yet", words_.device);
  schedule_look();
}

void Upkeep::await_first_look(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  concluded_.wait_for(lock, limit, [this] { return was_looked_at_; });
}

void Upkeep::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  thread_->close();
}

Result<> Upkeep::admit() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return fail(Status::ConnectionError, "the service stops");
  if (kind_ == Kind::None || breaker_.admits_requests()) return {};
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("provider '{}' is down: {}", name_, reason_));
}

void Upkeep::note_failure(const Error& error) {
  if (!is_of_the_device(error)) return;
  const bool is_silent = thread_->is_overdue();
  const std::lock_guard lock(mutex_);
  if (!has_begun_ || !breaker_.admits_requests()) return;
  const ProviderState before = breaker_.state();
  if (is_silent)
    breaker_.device_is_silent(Clock::now());
  else
    breaker_.request_failed(Clock::now());
  reason_ = error.message();
  tell(before);
  schedule_look();
}

ProviderHealth Upkeep::health() const {
  const std::lock_guard lock(mutex_);
  if (kind_ == Kind::None) return {};
  return {.state = breaker_.state(), .since = since_, .reason = reason_};
}

// The provider may be gone by then; the thread may have others to serve.
void Upkeep::post(Job job, Clock::time_point when) {
  thread_->post(
      [weak = weak_from_this(), job = std::move(job)](UpkeptDevice& device) mutable {
        if (const std::shared_ptr<Upkeep> self = weak.lock()) job(*self, device);
      },
      when);
}

void Upkeep::schedule_look() {
  const Clock::time_point due = breaker_.look_due();
  if (due >= look_posted_for_) return;
  look_posted_for_ = due;
  post(
      [due](Upkeep& self, UpkeptDevice& device) {
        if (self.begin_look(due)) self.look(device);
      },
      due);
}

// False for one that another has made needless.
bool Upkeep::begin_look(Clock::time_point due) {
  const std::lock_guard lock(mutex_);
  if (look_posted_for_ == due) look_posted_for_ = CircuitBreaker::kNever;
  if (breaker_.look_due() > Clock::now()) {
    schedule_look();
    return false;
  }
  breaker_.look_begins();
  return true;
}

void Upkeep::look(UpkeptDevice& device) {
  Result<> found = recall(device);
  if (found) found = device.look();
  note_refusal(device);
  if (found && !is_pinned_) return pin_first(device);
  conclude(std::move(found), device.remark());
}

void Upkeep::look_again(UpkeptDevice& device) {
  Result<> found = device.look();
  conclude(std::move(found), device.remark());
}

void Upkeep::pin_first(UpkeptDevice& device) {
  using enum ProviderNotes::Absence;
  const Result<ProviderNotes::Absence> absence = notes_->absence();
  if (!absence) return conclude(std::unexpected(absence.error()));
  switch (*absence) {
    case NeverKept:
      return pin(device.identity(),
                 [identity = device.identity()](auto& self, auto& used, Result<> kept) {
                   if (!kept) return self.conclude(std::move(kept));
                   used.pin(identity);
                   self.look_again(used);
                 });
    case NotKnownYet:
      return post([](Upkeep& self, auto& used) { self.look(used); }, Clock::now() + kPauseForNotes);
    case Lost:
      return conclude(fail(
          Status::PsaErrorHardwareFailure,
          fmt::format("the note of its {} is gone: the store has keys of it, or was changed by "
                      "another's hand, and this may be another {}; if you know that it is the "
                      "right one, 'strongroom provider accept-root {}' notes it anew",
                      words_.identity, words_.device, name_)));
  }
}

// What an earlier process has noted.
Result<> Upkeep::recall(UpkeptDevice& device) {
  if (is_recalled_) return {};
  auto identity = TRY(
      in_context(notes_->recall(words_.identity_note), "recalling the {}'s name", words_.identity));
  auto refusal = TRY(
      in_context(notes_->recall(words_.refusal_note), "recalling the refused {}", words_.secret));
  if (identity) device.pin(copy_of(identity->reveal()));
  is_pinned_ = identity.has_value();
  if (refusal) noted_refusal_ = RefusedSecret::from_stored(refusal->reveal());
  device.refuse(noted_refusal_);
  TRY(recall_attempt(device));
  is_recalled_ = true;
  return {};
}

Result<> Upkeep::recall_attempt(UpkeptDevice& device) {
  if (words_.attempt_note.empty()) return {};
  auto attempt =
      TRY(in_context(notes_->recall(words_.attempt_note), "recalling the tried {}", words_.secret));
  if (attempt) device.recall_attempt(attempt->reveal());
  return {};
}

// What cannot be noted is noted at the next look.
void Upkeep::note_refusal(UpkeptDevice& device) {
  const std::optional<RefusedSecret> refused = device.refused();
  if (!is_recalled_ || refused == noted_refusal_) return;
  noted_refusal_ = refused;
  auto told = [weak = weak_from_this()](Result<> noted) {
    const std::shared_ptr<Upkeep> self = weak.lock();
    if (noted || !self) return;
    self->tell_of_refusal(noted.error());
    self->post([](Upkeep& again, UpkeptDevice&) { again.noted_refusal_.reset(); });
  };
  if (!refused) return notes_->forget(words_.refusal_note, std::move(told));
  auto stored = refused->to_stored();
  if (!stored) return told(std::unexpected(std::move(stored).error()));
  notes_->keep(words_.refusal_note, *std::move(stored), std::move(told));
}

void Upkeep::note_refused(const RefusedSecret& refused) {
  auto stored = refused.to_stored();
  if (!stored) return tell_of_refusal(stored.error());
  const Result<> noted =
      keep_and_wait(*notes_, words_.refusal_note, *std::move(stored), kPatienceWithNotes);
  if (!noted) tell_of_refusal(noted.error());
}

// A store that is full is no reason to do without the device; this process knows, at least.
void Upkeep::note_attempt(SecretBuffer attempt) {
  const Result<> noted =
      keep_and_wait(*notes_, words_.attempt_note, std::move(attempt), kPatienceWithNotes);
  if (!noted)
    log::warning(words_.component, "provider '{}': noting that the {} is tried: {}", name_,
                 words_.secret, noted.error().message());
}

void Upkeep::forget_attempt() {
  notes_->forget(words_.attempt_note, [](Result<>) {});
}

void Upkeep::tell_of_refusal(const Error& error) const {
  log::warning(words_.component, "provider '{}': noting the refused {}: {}", name_, words_.secret,
               error.message());
}

void Upkeep::pin(const Bytes& identity, Pinned pinned) {
  auto told = [weak = weak_from_this(), pinned = std::move(pinned)](Result<> kept) mutable {
    const std::shared_ptr<Upkeep> self = weak.lock();
    if (!self) return;
    self->post([pinned = std::move(pinned), kept = std::move(kept)](Upkeep& it,
                                                                    UpkeptDevice& device) mutable {
      it.is_pinned_ = it.is_pinned_ || kept.has_value();
      pinned(it, device, in_context(std::move(kept), "noting the {}'s name", it.words_.identity));
    });
  };
  auto stored = SecretBuffer::copy_of(identity);
  if (!stored) return told(std::unexpected(std::move(stored).error()));
  notes_->keep(words_.identity_note, *std::move(stored), std::move(told));
}

void Upkeep::conclude(Result<> found, std::string remark) {
  const std::lock_guard lock(mutex_);
  const ProviderState before = breaker_.state();
  const bool is_put_off = !found && is_busy(found.error());
  if (!is_put_off) reason_ = found ? std::move(remark) : found.error().message();
  if (found)
    breaker_.look_succeeded();
  else if (is_put_off)
    breaker_.look_was_put_off(Clock::now());
  else
    breaker_.look_failed(Clock::now());
  was_looked_at_ = true;
  concluded_.notify_all();
  tell(before);
  schedule_look();
}

// Looks that find what was there before are nothing to tell of.
void Upkeep::tell(ProviderState before) {
  const ProviderState now = breaker_.state();
  if (lasting(before) != lasting(now)) since_ = now_in_seconds();
  const std::string news =
      now == ProviderState::Up ? std::string("up") : fmt::format("down: {}", reason_);
  if (now == ProviderState::Degraded || news == told_) return;
  told_ = news;
  if (now == ProviderState::Up)
    log::info(words_.component, "provider '{}' is up", name_);
  else
    log::warning(words_.component, "provider '{}' is down, and tried again by itself: {}", name_,
                 reason_);
}

Result<> Upkeep::check_in_use() const {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return fail(Status::ConnectionError, "the service stops");
  if (has_begun_) return {};
  return fail(kind_ == Kind::None ? Status::PsaErrorNotSupported : Status::PsaErrorHardwareFailure,
              fmt::format("provider '{}' has no notes to change yet", name_));
}

void Upkeep::unlock(Done done) {
  if (Result<> begun = check_in_use(); !begun) return done(std::unexpected(begun.error()));
  post([done = std::move(done)](Upkeep& self, UpkeptDevice& device) mutable {
    device.unlock();
    self.look(device);
    if (device.refused())
      return done(fail(
          Status::PsaErrorHardwareFailure,
          fmt::format("the {} has refused the {} again", self.words_.device, self.words_.secret)));
    done(fmt::format("no {} of provider '{}' counts as refused", self.words_.secret, self.name_));
  });
}

void Upkeep::accept_root(Done done) {
  if (Result<> begun = check_in_use(); !begun) return done(std::unexpected(begun.error()));
  post([done = std::move(done)](Upkeep& self, UpkeptDevice& device) mutable {
    self.accept(device, std::move(done));
  });
}

void Upkeep::accept(UpkeptDevice& device, Done done) {
  Bytes before = device.identity();
  device.pin({});
  Result<> found = device.look();
  const Bytes identity = device.identity();
  // Nothing is done with the new one before it is noted.
  device.pin(is_pinned_ ? std::move(before) : Bytes());
  if (!found) {
    look(device);  // as before
    return done(in_context(Result<std::string>(std::unexpected(std::move(found).error())),
                           "looking for a {}", words_.identity));
  }
  pin(identity,
      [identity, done = std::move(done)](Upkeep& self, UpkeptDevice& used, Result<> kept) mutable {
        if (!kept) {
          self.look(used);
          return done(std::unexpected(std::move(kept).error()));
        }
        used.pin(identity);
        ++self.times_replaced_;
        self.look_again(used);
        done(fmt::format("provider '{}' goes on with {}", self.name_, used.text_of(identity)));
      });
}

}  // namespace strongroom
