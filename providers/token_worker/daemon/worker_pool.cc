#include "providers/token_worker/daemon/worker_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "providers/pkcs11/token/busy.h"

namespace strongroom::token_worker {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{2'000};
constexpr unsigned kMostDoublings = 5;
constexpr std::chrono::milliseconds kBehindAStart{1'000};
// At the memory of those that are idle.
constexpr std::chrono::seconds kBetweenLooks{2};

std::unexpected<Error> service_stops() {
  return fail(Status::ConnectionError, "the service stops");
}

}  // namespace

WorkerPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      worker_(std::move(other.worker_)),
      is_long_(other.is_long_),
      is_sound_(other.is_sound_) {}

WorkerPool::Lease::~Lease() {
  if (pool_ == nullptr) return;
  message().clear();
  pool_->give_back(worker_, is_long_, is_sound_);
}

Result<Reader> WorkerPool::Lease::ask(std::chrono::milliseconds limit) {
  is_sound_ = false;
  auto answer = exchange(worker_->channel(), pool_->gate_, Clock::now() + limit);
  if (!answer && answer.error().status() == Status::PsaErrorInsufficientMemory) {
    is_sound_ = true;
    return std::unexpected(std::move(answer).error());
  }
  if (!answer) return condemned(answer.error().message());
  Reader reader(answer->content);
  is_sound_ = !worker_->channel().is_login_refused;
  if (static_cast<Reply>(answer->kind) == Reply::Done) return reader;
  auto error = take_value(reader, as<Error>);
  if (reader.is_complete()) return std::unexpected(std::move(error));
  return condemned(kMakesNoSense);
}

std::unexpected<Error> WorkerPool::Lease::condemned(std::string_view why) {
  is_sound_ = false;
  return fail(Status::PsaErrorCommunicationFailure, fmt::format("{}; {}", why, worker_->kill()));
}

void WorkerPool::Lease::retire() noexcept {
  worker_->has_served = true;
  is_sound_ = false;
}

WorkerPool::WorkerPool(std::string name, WorkerSettings settings,
                       std::shared_ptr<WorkerStarter> starter)
    : name_(std::move(name)),
      settings_(std::move(settings)),
      gate_(settings_.token.login),
      starter_(std::move(starter)),
      token_(settings_.token.remembered) {}

Result<WorkerPool::Lease> WorkerPool::borrow(bool for_long, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  std::vector<std::shared_ptr<Worker>> removed;  // they end without the mutex
  std::unique_lock lock(mutex_);
  while (true) {
    if (is_closed_) return service_stops();
    if (!idle_.empty() && may_take(for_long)) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      const bool is_quiet = worker->channel().link.is_quiet();
      if (is_quiet && for_long) ++long_ones_;
      if (is_quiet) return Lease(*this, std::move(worker), for_long);
      lock.unlock();
      // It has ended, or says what it was not asked for.
      std::ignore = worker->kill();
      lock.lock();
      if (!worker->has_served) note_loss();
      remove(worker, removed);
      continue;
    }
    const auto now = Clock::now();
    if (now >= deadline) break;
    if (may_take(for_long) && may_start())
      TRY(ask_for_another());
    else if (workers_.empty() && !is_starting_ && may_take(for_long))
      return std::unexpected(why_none());
    changed_.wait_until(lock, pause_ends_ > now ? std::min(deadline, pause_ends_) : deadline);
  }
  return std::unexpected(why_not_in(patience));
}

// Where there is one alone, long ones have it, too.
bool WorkerPool::may_take(bool for_long) const {
  return !for_long || settings_.workers < 2 || long_ones_ + 1 < settings_.workers;
}

void WorkerPool::remove(const std::shared_ptr<Worker>& worker,
                        std::vector<std::shared_ptr<Worker>>& removed) {
  removed.push_back(worker);
  std::erase(workers_, removed.back());
  std::erase(idle_, removed.back());
}

// Among those that serve nobody.
void WorkerPool::remove_too_large(std::vector<std::shared_ptr<Worker>>& removed) {
  const auto idle = idle_;
  for (const auto& worker : idle) {
    if (worker->resident() <= settings_.memory_limit) continue;
    log::warning("token-worker", "provider '{}': an idle token worker of {} MiB is replaced", name_,
                 worker->resident() >> 20U);
    remove(worker, removed);
  }
}

bool WorkerPool::may_start() const {
  return !is_starting_ && workers_.size() < settings_.workers && !gate_.is_stopped() &&
         Clock::now() >= pause_ends_;
}

Error WorkerPool::why_none() const {
  if (gate_.is_stopped()) return pkcs11::pin_was_refused();
  return failure_.value_or(Error(Status::PsaErrorCommunicationFailure, "no token worker runs"));
}

Error WorkerPool::why_not_in(std::chrono::milliseconds patience) const {
  if (!workers_.empty()) return pkcs11::all_are_busy("token worker", patience).error();
  return {Status::PsaErrorCommunicationFailure,
          fmt::format("no token worker has started within {} ms", patience.count())};
}

Result<> WorkerPool::ask_for_another() {
  try {
    if (!thread_.joinable())
      thread_ = std::thread([self = shared_from_this()] { self->look_after_workers(); });
  } catch (const std::system_error& error) {
    return fail(Status::PsaErrorCommunicationFailure,
                fmt::format("starting the thread that starts token workers: {}", error.what()));
  }
  is_starting_ = true;
  changed_.notify_all();
  return {};
}

void WorkerPool::look_after_workers() {
  std::unique_lock lock(mutex_);
  const auto is_needed = [this] { return is_closed_ || is_starting_; };
  while (!is_closed_) {
    if (is_starting_) {
      start_another(lock);
    } else if (workers_.empty()) {
      changed_.wait(lock, is_needed);
    } else if (!changed_.wait_for(lock, kBetweenLooks, is_needed)) {
      std::vector<std::shared_ptr<Worker>> removed;
      remove_too_large(removed);
      lock.unlock();
      removed.clear();
      lock.lock();
    }
  }
}

void WorkerPool::start_another(std::unique_lock<std::mutex>& lock) {
  const unsigned before = times_replaced_;
  Start start = start_for(name_, settings_);
  start.remembered = token_;
  start.has_pin = gate_.has_pin();
  start.is_login_allowed = gate_.is_allowed_anew();
  lock.unlock();
  auto worker = started(start);
  lock.lock();
  is_starting_ = false;
  changed_.notify_all();
  if (worker && (is_closed_ || times_replaced_ != before)) {
    lock.unlock();
    worker->reset();
    lock.lock();
    return;
  }
  if (worker) return put_to_work(*worker);
  if (is_closed_) return;
  if (settings_.told->is_news(worker.error().message()))
    log::warning("token-worker", "provider '{}' gets no token worker: {}", name_,
                 worker.error().message());
  note_failure(std::move(worker).error());
}

Result<std::shared_ptr<Worker>> WorkerPool::started(const Start& start) {
  const auto deadline = Clock::now() + settings_.limits.start;
  auto worker = TRY(Worker::start(*starter_));
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return service_stops();
    starting_ = worker;
  }
  Result<> begun = worker->begin(start, gate_, deadline);
  {
    std::lock_guard lock(mutex_);
    starting_.reset();
  }
  TRY(std::move(begun));
  return worker;
}

void WorkerPool::put_to_work(const std::shared_ptr<Worker>& worker) {
  failure_.reset();
  settings_.told->is_over();
  gate_.has_logged_in();
  if (!token_) token_ = worker->started().token;
  if (missing_confinement_ != worker->started().missing_confinement) {
    missing_confinement_ = worker->started().missing_confinement;
    log::warning("token-worker", "provider '{}': {}", name_, missing_confinement_);
  }
  idle_.push_back(worker);
  workers_.push_back(worker);
}

void WorkerPool::note_failure(Error error) {
  const auto pause = kFirstPause * (1U << std::min(failures_, kMostDoublings));
  ++failures_;
  pause_ends_ = Clock::now() + std::min<std::chrono::milliseconds>(pause, kLongestPause);
  failure_ = std::move(error);
}

void WorkerPool::note_loss() {
  note_failure({Status::PsaErrorCommunicationFailure,
                "token workers are lost before they have served anybody"});
}

void WorkerPool::give_back(const std::shared_ptr<Worker>& worker, bool is_long, bool is_sound) {
  const bool is_too_large = is_sound && worker->resident() > settings_.memory_limit;
  std::vector<std::shared_ptr<Worker>> removed;
  std::lock_guard lock(mutex_);
  if (is_long) --long_ones_;
  changed_.notify_all();
  if (is_sound) {
    worker->has_served = true;
    failures_ = 0;
  }
  if (std::ranges::find(workers_, worker) == workers_.end()) return;
  if (is_sound && !is_too_large) {
    idle_.push_back(worker);
    return;
  }
  if (is_too_large)
    log::warning("token-worker", "provider '{}': a token worker of {} MiB is replaced", name_,
                 worker->resident() >> 20U);
  else if (!worker->has_served)
    note_loss();
  remove(worker, removed);
}

void WorkerPool::replace_all() {
  std::vector<std::shared_ptr<Worker>> removed;
  std::lock_guard lock(mutex_);
  std::swap(removed, workers_);
  idle_.clear();
  ++times_replaced_;
}

void WorkerPool::forget_failures() {
  std::lock_guard lock(mutex_);
  failures_ = 0;
  pause_ends_ = {};
  failure_.reset();
  settings_.told->is_over();
}

void WorkerPool::close() {
  std::vector<std::shared_ptr<Worker>> idle;
  std::vector<std::shared_ptr<Worker>> removed;
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  std::swap(idle, idle_);
  std::swap(removed, workers_);
  if (starting_) removed.push_back(starting_);
  changed_.notify_all();
  lock.unlock();
  for (const std::shared_ptr<Worker>& worker : removed)
    if (std::ranges::find(idle, worker) == idle.end()) std::ignore = worker->kill();
}

void WorkerPool::end() {
  close();  // a start that is under way ends with its worker
  if (!thread_.joinable()) return;
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

std::string WorkerPool::missing_confinement() const {
  std::lock_guard lock(mutex_);
  return missing_confinement_;
}

// A look is to tell what came of a start, and ends with none that is under way.
std::chrono::milliseconds WorkerPool::patience_with(Operation operation) const noexcept {
  const auto patience = settings_.token.patience;
  if (operation != Operation::Identity) return patience;
  return std::max(patience, settings_.limits.start + kBehindAStart);
}

// Records are from before their keys are made: between the two are waits for the store, the lane
// and a worker. Ages are compared, since clocks are set.
WorkerPool::Clock::time_point WorkerPool::when_seen(const KeyRecord& key) const {
  const auto longest = settings_.limits.generation + 2 * settings_.token.patience;
  const auto age = std::chrono::system_clock::now() - key.created;
  return Clock::now() - std::max<Clock::duration>(age - longest, {});
}

// Before it is.
void WorkerPool::note_destroyed(const KeyRecord& key) {
  constexpr std::size_t kMost = 16'384;
  if (key.serial == 0) return;
  std::lock_guard lock(mutex_);
  destroyed_.push_back(key.serial);
  if (destroyed_.size() > kMost) destroyed_.pop_front();
}

bool WorkerPool::was_destroyed(const KeyRecord& key) const {
  std::lock_guard lock(mutex_);
  return std::ranges::find(destroyed_, key.serial) != destroyed_.end();
}

std::chrono::milliseconds WorkerPool::limit_of(Operation operation) const noexcept {
  // A token may have many keys.
  const bool is_long = operation == Operation::Generate || operation == Operation::Materials;
  return is_long ? settings_.limits.generation : settings_.limits.request;
}

}  // namespace strongroom::token_worker
