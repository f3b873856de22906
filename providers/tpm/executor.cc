#include "providers/tpm/executor.h"

#include <algorithm>

#include "base/log.h"

namespace strongroom::tpm {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kPatienceAtEnd{2};

// When a job that somebody waits for so long, or nobody at all, has taken suspiciously long.
milliseconds patience_with(milliseconds limit) {
  constexpr milliseconds kWithOurOwn{4'000};
  constexpr milliseconds kMost{30'000};
  return limit == milliseconds(0) ? kWithOurOwn : std::min(limit / 2, kMost);
}

}  // namespace

Executor::Executor(std::unique_ptr<Tpm> tpm) : shared_(std::make_shared<Shared>()) {
  shared_->tpm = std::move(tpm);
  thread_ = std::thread([shared = shared_] { work(shared); });
}

Executor::~Executor() {
  stop();
  // Who held it last may have been a job.
  if (std::this_thread::get_id() == thread_.get_id()) {
    thread_.detach();
    return;
  }
  std::unique_lock lock(shared_->mutex);
  bool has_ended =
      shared_->changed.wait_for(lock, kPatienceAtEnd, [this] { return shared_->has_ended; });
  lock.unlock();
  if (has_ended) {
    thread_.join();
    return;
  }
  log::warning("tpm", "the TPM does not answer; its thread is left to itself");
  thread_.detach();
}

void Executor::submit(Queued queued, bool is_urgent) {
  std::lock_guard lock(shared_->mutex);
  if (shared_->is_stopping) return;
  (is_urgent ? shared_->urgent : shared_->jobs).push_back(std::move(queued));
  shared_->changed.notify_all();
}

void Executor::post(Job job, Clock::time_point when) {
  std::lock_guard lock(shared_->mutex);
  if (shared_->is_stopping || !shared_->takes_posted) return;
  if (when == Clock::time_point::min())
    shared_->jobs.push_back({.job = std::move(job)});
  else
    shared_->later.emplace(when, std::move(job));
  shared_->changed.notify_all();
}

bool Executor::is_overdue() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->overdue_from && Clock::now() > *shared_->overdue_from;
}

void Executor::stop() {
  // Destroyed without the mutex, as they may hold anything.
  std::deque<Queued> urgent;
  std::deque<Queued> jobs;
  std::multimap<Clock::time_point, Job> later;
  std::lock_guard lock(shared_->mutex);
  shared_->is_stopping = true;
  urgent.swap(shared_->urgent);
  jobs.swap(shared_->jobs);
  later.swap(shared_->later);
  shared_->changed.notify_all();
}

void Executor::abandon_callers() {
  std::lock_guard lock(shared_->mutex);
  ++shared_->abandoned;
  shared_->answered.notify_all();
}

Executor::Ticket Executor::ticket() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->abandoned;
}

void Executor::end_posting() {
  std::vector<Job> dropped;  // destroyed without the mutex
  const std::lock_guard lock(shared_->mutex);
  shared_->takes_posted = false;
  for (Queued& queued : shared_->jobs)
    if (queued.limit == queued.limit.zero()) dropped.push_back(std::move(queued.job));
  std::erase_if(shared_->jobs, [](const Queued& queued) { return !queued.job; });
  for (auto& [when, job] : shared_->later)
    dropped.push_back(std::move(job));
  shared_->later.clear();
}

void Executor::Shared::take_what_is_due() {
  const Clock::time_point now = Clock::now();
  while (!later.empty() && later.begin()->first <= now) {
    jobs.push_back({.job = std::move(later.begin()->second)});
    later.erase(later.begin());
  }
}

void Executor::Shared::wait_for_work(std::unique_lock<std::mutex>& lock) {
  while (!is_stopping) {
    take_what_is_due();
    if (!urgent.empty() || !jobs.empty()) return;
    if (later.empty()) {
      changed.wait(lock);
    } else {
      // A copy: the job may have gone when the wait ends.
      const Clock::time_point when = later.begin()->first;
      changed.wait_until(lock, when);
    }
  }
}

Executor::Queued Executor::Shared::take_next() {
  std::deque<Queued>& queue = urgent.empty() ? jobs : urgent;
  Queued next = std::move(queue.front());
  queue.pop_front();
  return next;
}

void Executor::work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (true) {
    shared->wait_for_work(lock);
    if (shared->is_stopping) break;
    Queued queued = shared->take_next();
    shared->overdue_from = Clock::now() + patience_with(queued.limit);
    lock.unlock();
    try {
      queued.job(*shared->tpm);
    } catch (const std::bad_alloc&) {
      log::warning("tpm", "memory ran out at the TPM");
    }
    queued.job = nullptr;
    lock.lock();
    shared->overdue_from.reset();
  }
  lock.unlock();
  shared->tpm.reset();  // lets go of what it holds in the TPM
  lock.lock();
  shared->has_ended = true;
  shared->changed.notify_all();
}

std::unexpected<Error> Executor::late(std::chrono::milliseconds limit) {
  return fail(Status::PsaErrorCommunicationFailure,
              fmt::format("the TPM has not answered within {} ms", limit.count()));
}

std::unexpected<Error> Executor::abandoned() {
  return fail(Status::ConnectionError, "the service does not wait for the TPM any longer");
}

}  // namespace strongroom::tpm
