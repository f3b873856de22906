#include "providers/tpm/upkeep/upkeep.h"

#include <utility>

#include "base/log.h"

namespace strongroom::tpm {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr std::string_view kRootNote = "storage root";
constexpr std::string_view kRefusalNote = "refused owner password";
constexpr std::chrono::milliseconds kPauseForNotes{50};

// With a session, so that one that the TPM has lost shows.
Outcome<> answers(Tpm& tpm) {
  constexpr std::size_t kFew = 8;
  TRY(draw_random(tpm.secured(), kFew));
  return {};
}

Result<> look_at(Tpm& tpm) {
  auto found = tpm.run([&] { return answers(tpm); });
  if (!found) return std::unexpected(Error(std::move(found).error()));
  return {};
}

bool may_be_the_devices(const Error& error) {
  return error.status() == Status::PsaErrorHardwareFailure ||
         error.status() == Status::PsaErrorCommunicationFailure;
}

}  // namespace

Upkeep::Upkeep(std::string name, const std::shared_ptr<Executor>& executor, Kind kind)
    : name_(std::move(name)),
      executor_(executor),
      kind_(kind),
      breaker_(CircuitBreaker::Pauses(), Clock::now()),
      since_(floor<seconds>(system_clock::now())) {}

void Upkeep::begin(std::shared_ptr<ProviderNotes> notes) {
  notes_ = std::move(notes);
  const std::lock_guard lock(mutex_);
  has_begun_ = true;
  reason_ = "nobody has looked at the TPM yet";
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
  const std::shared_ptr<Executor> executor = executor_.lock();
  if (!executor) return;
  executor->abandon_callers();
  // What an operator waits for may hold the provider, and so the executor.
  executor->end_posting();
}

Result<> Upkeep::admit() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return fail(Status::ConnectionError, "the service stops");
  if (kind_ == Kind::None || breaker_.admits_requests()) return {};
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("provider '{}' is down: {}", name_, reason_));
}

void Upkeep::note_failure(const Error& error) {
  if (!may_be_the_devices(error)) return;
  const std::shared_ptr<Executor> executor = executor_.lock();
  const bool is_silent = executor && executor->is_overdue();
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

// The provider may be gone by then; the executor may have others to serve.
void Upkeep::post(Job job, Clock::time_point when) {
  const std::shared_ptr<Executor> executor = executor_.lock();
  if (!executor) return;
  executor->post(
      [weak = weak_from_this(), job = std::move(job)](Tpm& tpm) mutable {
        if (const std::shared_ptr<Upkeep> self = weak.lock()) job(*self, tpm);
      },
      when);
}

void Upkeep::schedule_look() {
  const Clock::time_point due = breaker_.look_due();
  if (due >= look_posted_for_) return;
  look_posted_for_ = due;
  post(
      [due](Upkeep& self, Tpm& tpm) {
        if (self.begin_look(due)) self.look(tpm);
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

void Upkeep::look(Tpm& tpm) {
  Result<> found = recall(tpm);
  if (found) found = look_at(tpm);
  note_refusal(tpm);
  if (found && !is_pinned_) return pin_first(tpm.root_name());
  conclude(std::move(found));
}

void Upkeep::pin_first(const Bytes& root) {
  using enum ProviderNotes::Absence;
  const Result<ProviderNotes::Absence> absence = notes_->absence();
  if (!absence) return conclude(std::unexpected(absence.error()));
  switch (*absence) {
    case NeverKept:
      return pin(root, [](Upkeep& self, Tpm&, Result<> kept) { self.conclude(std::move(kept)); });
    case NotKnownYet:
      return post([](Upkeep& self, Tpm& tpm) { self.look(tpm); }, Clock::now() + kPauseForNotes);
    case Lost:
      return conclude(fail(
          Status::PsaErrorHardwareFailure,
          fmt::format("the note of its storage root is gone: the store has keys of it, or was "
                      "changed by another's hand, and this may be another TPM; if you know that it "
                      "is the right one, 'strongroom provider accept-root {}' notes it anew",
                      name_)));
  }
}

// What an earlier process has noted.
Result<> Upkeep::recall(Tpm& tpm) {
  if (is_recalled_) return {};
  auto root = TRY(in_context(notes_->recall(kRootNote), "recalling the storage root's name"));
  auto refusal = TRY(in_context(notes_->recall(kRefusalNote), "recalling the refused password"));
  if (root) tpm.pin(copy_of(root->reveal()));
  is_pinned_ = root.has_value();
  if (refusal) noted_refusal_ = RefusedPassword::from_stored(refusal->reveal());
  tpm.refuse(noted_refusal_);
  is_recalled_ = true;
  return {};
}

// What cannot be noted is noted at the next look.
void Upkeep::note_refusal(Tpm& tpm) {
  const std::optional<RefusedPassword>& refused = tpm.refused_password();
  if (!is_recalled_ || refused == noted_refusal_) return;
  noted_refusal_ = refused;
  auto told = [weak = weak_from_this()](Result<> noted) {
    const std::shared_ptr<Upkeep> self = weak.lock();
    if (noted || !self) return;
    log::warning("tpm", "provider '{}': noting the refused password: {}", self->name_,
                 noted.error().message());
    self->post([](Upkeep& again, Tpm&) { again.noted_refusal_.reset(); });
  };
  if (!refused) return notes_->forget(kRefusalNote, std::move(told));
  auto stored = refused->to_stored();
  if (!stored) return told(std::unexpected(std::move(stored).error()));
  notes_->keep(kRefusalNote, *std::move(stored), std::move(told));
}

void Upkeep::pin(const Bytes& root, Pinned pinned) {
  auto told = [weak = weak_from_this(), pinned = std::move(pinned)](Result<> kept) mutable {
    const std::shared_ptr<Upkeep> self = weak.lock();
    if (!self) return;
    self->post([pinned = std::move(pinned), kept = std::move(kept)](Upkeep& it, Tpm& tpm) mutable {
      it.is_pinned_ = it.is_pinned_ || kept.has_value();
      pinned(it, tpm, in_context(std::move(kept), "noting the storage root's name"));
    });
  };
  auto name = SecretBuffer::copy_of(root);
  if (!name) return told(std::unexpected(std::move(name).error()));
  notes_->keep(kRootNote, *std::move(name), std::move(told));
}

void Upkeep::conclude(Result<> found) {
  const std::lock_guard lock(mutex_);
  const ProviderState before = breaker_.state();
  reason_ = found ? std::string() : found.error().message();
  if (found)
    breaker_.look_succeeded();
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
  const bool was_in_use = before == ProviderState::Up || before == ProviderState::Degraded;
  if (was_in_use != breaker_.admits_requests()) since_ = floor<seconds>(system_clock::now());
  const std::string news =
      now == ProviderState::Up ? std::string("up") : fmt::format("down: {}", reason_);
  if (now == ProviderState::Degraded || news == told_) return;
  told_ = news;
  if (now == ProviderState::Up)
    log::info("tpm", "provider '{}' is up", name_);
  else
    log::warning("tpm", "provider '{}' is down, and tried again by itself: {}", name_, reason_);
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
  post([done = std::move(done)](Upkeep& self, Tpm& tpm) mutable {
    tpm.refuse(std::nullopt);
    tpm.endorsement().unlock();
    self.look(tpm);
    if (tpm.refused_password())
      return done(fail(Status::PsaErrorHardwareFailure,
                       "the TPM has refused the owner hierarchy's password again"));
    done(fmt::format("no password of provider '{}' counts as refused", self.name_));
  });
}

void Upkeep::accept_root(Done done) {
  if (Result<> begun = check_in_use(); !begun) return done(std::unexpected(begun.error()));
  post([done = std::move(done)](Upkeep& self, Tpm& tpm) mutable {
    self.accept(tpm, std::move(done));
  });
}

void Upkeep::accept(Tpm& tpm, Done done) {
  Bytes before = tpm.root_name();
  tpm.pin({});
  Result<> found = look_at(tpm);
  const Bytes root = tpm.root_name();
  // Nothing is done below the new one before it is noted.
  tpm.pin(std::move(before));
  if (!found)
    return done(in_context(Result<std::string>(std::unexpected(std::move(found).error())),
                           "looking for a storage root"));
  pin(root, [root, done = std::move(done)](Upkeep& self, Tpm& used, Result<> kept) mutable {
    if (!kept) return done(std::unexpected(std::move(kept).error()));
    used.pin(root);
    ++self.roots_accepted_;
    self.conclude(look_at(used));
    done(fmt::format("provider '{}' goes on with the storage root {}", self.name_, to_hex(root)));
  });
}

}  // namespace strongroom::tpm
