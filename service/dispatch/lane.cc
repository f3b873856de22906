#include "service/dispatch/lane.h"

#include <algorithm>
#include <iterator>
#include <pthread.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/errno_text.h"
#include "base/log.h"
#include "base/memory_reserve.h"
#include "service/dispatch/cost.h"

namespace strongroom {
namespace {

using std::chrono::floor;
using std::chrono::milliseconds;

constexpr int kQuickNice = 10;
constexpr int kSlowNice = 19;
constexpr std::size_t kThreadNameLimit = 15;  // pthread_setname_np(3)

// Beside busy workers of equal priority a loop waits milliseconds for its core, beside nice ones a
// tenth of one.
void become_worker(const std::string& name, int nice) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, kThreadNameLimit).c_str());
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice) != 0)
    log::warning("dispatch", "setpriority of a worker of '{}': {}", name, errno_text());
}

std::unexpected<Error> untaken() {
  return fail(Status::PsaErrorInsufficientMemory, "the client does not take its answers");
}

std::unexpected<Error> overdue(const Lane::Settings& settings) {
  const bool is_device = settings.kind == Lane::Kind::Device;
  return fail(is_device ? Status::PsaErrorHardwareFailure : Status::PsaErrorInsufficientMemory,
              fmt::format("lane '{}': no worker was free in time", settings.name));
}

}  // namespace

Lane::Queued::Queued(Job submitted, std::uint64_t given, Lane& lane)
    : job(std::move(submitted)), number(given), on_gone(job.gone, OnGone{lane, number}) {}

Lane::Lane(Settings settings, WakeBy wake_by)
    : settings_(std::move(settings)),
      wake_by_(std::move(wake_by)),
      queue_timeout_(settings_.queue_timeout),
      quick_(settings_.name, kQuickNice, FairQueue<std::unique_ptr<Queued>>::AtATime::Any),
      slow_("slow " + settings_.name, kSlowNice, FairQueue<std::unique_ptr<Queued>>::AtATime::One) {
}

Result<> Lane::start() {
  TRY(hire(quick_, settings_.workers));
  return hire(slow_, settings_.slow_workers);
}

Result<> Lane::man(unsigned workers, unsigned slow_workers) {
  const auto quick_before = static_cast<unsigned>(quick_.staff.size());
  TRY(hire(quick_, workers));
  if (has_slow_class())
    if (Result<> hired = hire(slow_, slow_workers); !hired) {
      dismiss(quick_, quick_before);
      return hired;
    }
  dismiss(quick_, workers);
  if (has_slow_class()) dismiss(slow_, slow_workers);
  return {};
}

// Until there are `count`, or as many as before.
Result<> Lane::hire(Class& each, unsigned count) {
  const auto before = static_cast<unsigned>(each.staff.size());
  try {
    while (each.staff.size() < count) {
      Worker& worker = each.staff.emplace_back();
      worker.thread = std::jthread([this, &each, &worker](const std::stop_token& stop) {
        work(each, stop);
        worker.has_ended = true;
      });
    }
  } catch (const std::system_error& error) {
    each.staff.pop_back();
    dismiss(each, before);
    return fail(Status::ConnectionError, fmt::format("lane '{}': cannot start a thread: {}",
                                                     settings_.name, error.code().message()));
  }
  return {};
}

// Until there are not more than `count`. Nobody waits for those who leave, or one that is stuck
// would hold up the caller.
void Lane::dismiss(Class& each, unsigned count) {
  each.leaving.remove_if([](const Worker& worker) { return worker.has_ended.load(); });
  while (each.staff.size() > count) {
    each.staff.back().thread.request_stop();
    each.leaving.splice(each.leaving.end(), each.staff, std::prev(each.staff.end()));
  }
}

Lane::~Lane() {
  stop();
}

void Lane::submit(Job job) {
  enqueue(std::make_unique<Queued>(std::move(job), ++last_number_, *this));
}

bool Lane::has_waiting(const Principal& principal) const {
  const std::lock_guard lock(mutex_);
  return quick_.queue.has_waiting(principal) || slow_.queue.has_waiting(principal);
}

Result<> Lane::check_patience(Clock::time_point since) const {
  const std::lock_guard lock(mutex_);
  if (Clock::now() < since + queue_timeout_) return {};
  return overdue(settings_);
}

Lane::Class& Lane::class_for(Cost cost) noexcept {
  return cost > kQuickCost && has_slow_class() ? slow_ : quick_;
}

void Lane::enqueue(std::unique_ptr<Queued> queued) {
  const Cost cost = queued->job.work.cost;
  const std::uint64_t number = queued->number;
  const std::stop_token gone = queued->job.gone;
  const Principal& principal = queued->job.account->principal();
  queued->charge = queued->job.account->charge({.queued = cost});
  Class& queued_in = class_for(cost);
  Clock::time_point due;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    const Clock::time_point since = queued->since;
    due = since + queue_timeout_;
    // In this order: what fails for lack of memory leaves no place without its job.
    queued_in.queue.push(principal, number, cost, std::move(queued));
    waiting_.emplace(number, Place{principal, queued_in, since});
  }
  queued_in.ready.notify_one();
  wake_by_(due);
  // Gone before there was anything to take out.
  if (gone.stop_requested()) on_gone(number);
}

void Lane::work(Class& mine, const std::stop_token& stop) {
  become_worker(mine.name, mine.nice);
  while (std::unique_ptr<Queued> queued = take(mine, stop)) {
    const Principal principal = queued->job.account->principal();
    const std::uint64_t number = queued->number;
    std::unique_ptr<Queued> moved;
    // Its request has been answered, or is, when memory runs out on the way.
    if (!attempt([&] { moved = perform(mine, std::move(queued)); }))
      log::warning("dispatch", "lane '{}': out of memory", settings_.name);
    finish(mine, principal, number);
    if (moved) enqueue(std::move(moved));
  }
}

std::unique_ptr<Lane::Queued> Lane::take(Class& mine, const std::stop_token& stop) {
  std::unique_ptr<Queued> queued;
  std::stop_source cancel;
  Clock::time_point cancelled_at;
  {
    std::unique_lock lock(mutex_);
    mine.ready.wait(lock, stop, [&mine] { return mine.queue.has_ready(); });
    if (stop.stop_requested()) {
      mine.ready.notify_one();  // this may have been woken for a job that another has to take
      return nullptr;
    }
    queued = *mine.queue.pop();
    waiting_.erase(queued->number);
    cancelled_at = Clock::now() + settings_.run_timeout;
    running_.emplace(queued->number, Running{cancelled_at, cancel});
  }
  wake_by_(cancelled_at);
  queued->stopped = cancel.get_token();
  return queued;
}

std::unique_ptr<Lane::Queued> Lane::perform(Class& mine, std::unique_ptr<Queued> queued) {
  Job& job = queued->job;
  queued->charge.release();
  if (job.gone.stop_requested()) return nullptr;
  if (!job.account->takes_its_answers()) {
    job.reply(untaken());
    return nullptr;
  }
  if (job.plan && !plan(mine, job)) return nullptr;
  if (&class_for(job.work.cost) != &mine) return queued;
  job.work.run(std::move(job.reply), std::move(queued->stopped));
  return nullptr;
}

bool Lane::plan(Class& mine, Job& job) {
  Result<Work> work = std::exchange(job.plan, nullptr)();
  if (!work) {
    job.reply(std::unexpected(std::move(work).error()));
    return false;
  }
  const Cost estimate = std::exchange(job.work, *std::move(work)).cost;
  if (&class_for(job.work.cost) != &mine) return true;
  const std::lock_guard lock(mutex_);
  mine.queue.correct(job.account->principal(), job.work.cost - estimate);
  return true;
}

void Lane::finish(Class& mine, const Principal& principal, std::uint64_t number) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(number);
    mine.queue.finished(principal);
  }
  mine.ready.notify_one();
}

void Lane::on_gone(std::uint64_t number) {
  std::unique_ptr<Queued> dropped;
  std::stop_source cancel(std::nostopstate);
  {
    const std::lock_guard lock(mutex_);
    if (const auto running = running_.find(number); running != running_.end())
      cancel = running->second.cancel;
    else if (const auto place = waiting_.find(number); place != waiting_.end())
      dropped = take_out(place);
  }
  cancel.request_stop();
}

std::unique_ptr<Lane::Queued> Lane::take_out(Places::iterator place) {
  const auto& [number, waiting] = *place;
  std::unique_ptr<Queued> queued = *waiting.queued_in.queue.remove(waiting.principal, number);
  waiting_.erase(place);
  return queued;
}

void Lane::limit_queueing(milliseconds queue_timeout) {
  {
    const std::lock_guard lock(mutex_);
    queue_timeout_ = queue_timeout;
  }
  wake_by_(Clock::now());
}

Lane::Clock::time_point Lane::attend(Clock::time_point now) {
  std::vector<std::unique_ptr<Queued>> late;
  std::vector<std::stop_source> cancelled;
  Clock::time_point next = Clock::time_point::max();
  {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && waiting_.begin()->second.since + queue_timeout_ <= now)
      late.push_back(take_out(waiting_.begin()));
    if (!waiting_.empty()) next = waiting_.begin()->second.since + queue_timeout_;
    for (auto& [number, running] : running_) {
      if (running.cancelled_at <= now) {
        cancelled.push_back(running.cancel);
        running.cancelled_at = Clock::time_point::max();
      }
      next = std::min(next, running.cancelled_at);
    }
  }
  for (const auto& queued : late) {
    queued->charge.release();
    queued->job.reply(overdue(settings_));
  }
  for (std::stop_source& cancel : cancelled)
    cancel.request_stop();
  return next;
}

LaneReport Lane::report(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const milliseconds oldest = waiting_.empty()
                                  ? milliseconds(0)
                                  : floor<milliseconds>(now - waiting_.begin()->second.since);
  return {.name = settings_.name,
          .queued = quick_.queue.size() + slow_.queue.size(),
          .queued_cost = quick_.queue.cost() + slow_.queue.cost(),
          .running = running_.size(),
          .oldest_wait = std::max(oldest, milliseconds(0))};
}

void Lane::stop() {
  std::vector<std::unique_ptr<Queued>> unrun;  // destroyed without the lock
  std::map<std::uint64_t, Running> running;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    while (!waiting_.empty())
      unrun.push_back(take_out(waiting_.begin()));
    running = running_;
  }
  unrun.clear();
  for (auto& [number, job] : running)
    job.cancel.request_stop();
  for (Class* each : {&quick_, &slow_})
    dismiss(*each, 0);
  for (Class* each : {&quick_, &slow_})
    each->leaving.clear();
}

}  // namespace strongroom
