#include "service/store/writer.h"

#include <algorithm>
#include <utility>

namespace strongroom {

Writer::Writer(WriterWork& work, std::chrono::milliseconds timeout)
    : work_(work),
      timeout_(timeout),
      watcher_([this](const std::stop_token& stop) { watch(stop); }),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

void Writer::submit(Change change, Committed committed) {
  bool must_wake_watcher = false;
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(change), std::move(committed), Clock::now() + timeout_});
    must_wake_watcher = std::exchange(is_watcher_idle_, false);
  }
  has_work_.notify_one();
  if (must_wake_watcher) has_tickets_.notify_one();
}

void Writer::post_to_writer(Task task) {
  {
    std::lock_guard lock(mutex_);
    for_writer_.push_back(std::move(task));
  }
  has_work_.notify_one();
}

void Writer::post_to_watcher(Task task) {
  {
    std::lock_guard lock(mutex_);
    for_watcher_.push_back(std::move(task));
  }
  has_tickets_.notify_one();
}

void Writer::run_posted(std::list<Task>& posted, std::unique_lock<std::mutex>& lock) {
  std::list<Task> tasks = std::exchange(posted, {});
  if (tasks.empty()) return;
  lock.unlock();
  for (Task& task : tasks)
    task();
  lock.lock();
}

void Writer::run() {
  std::optional<Clock::time_point> tend_at = work_.tend();
  while (await_work(tend_at)) {
    commit_group();
    tend_at = work_.tend();
  }
}

bool Writer::await_work(std::optional<Clock::time_point> tend_at) {
  std::unique_lock lock(mutex_);
  set_stuck(false);
  auto is_due = [this] { return is_stopping_ || !waiting_.empty() || !for_writer_.empty(); };
  if (tend_at)
    has_work_.wait_until(lock, *tend_at, is_due);
  else
    has_work_.wait(lock, is_due);
  run_posted(for_writer_, lock);
  std::size_t count = std::min(kGroup, waiting_.size());
  auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  in_flight_.assign(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  if (count != 0) stuck_at_ = Clock::now() + timeout_;
  return !is_stopping_ || !in_flight_.empty();
}

void Writer::commit_group() {
  if (in_flight_.empty()) return;
  std::vector<const Change*> group;
  group.reserve(in_flight_.size());
  for (const Ticket& ticket : in_flight_)
    group.push_back(&ticket.change);
  answer(work_.commit(group));
}

void Writer::answer(const std::vector<Result<>>& results) {
  std::deque<Ticket> done;
  {
    std::lock_guard lock(mutex_);
    done.swap(in_flight_);
    stuck_at_.reset();
    set_stuck(false);
  }
  for (std::size_t i = 0; i < done.size(); ++i)
    if (done[i].committed) done[i].committed(results[i]);
}

void Writer::set_stuck(bool is_stuck) {
  if (std::exchange(is_stuck_, is_stuck) != is_stuck) work_.became_stuck(is_stuck);
}

void Writer::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    // Not woken when a ticket is answered or added: it looks again when the oldest is overdue.
    if (std::optional<Clock::time_point> deadline = next_deadline()) {
      has_tickets_.wait_until(lock, stop, *deadline, [this] { return !for_watcher_.empty(); });
    } else {
      is_watcher_idle_ = true;
      has_tickets_.wait(lock, stop, [this] { return !is_watcher_idle_ || !for_watcher_.empty(); });
      is_watcher_idle_ = false;
    }
    run_posted(for_watcher_, lock);
    Clock::time_point now = Clock::now();
    if (stuck_at_ && *stuck_at_ <= now) set_stuck(true);
    std::vector<Committed> overdue = take_overdue(now);
    if (overdue.empty()) continue;
    lock.unlock();
    for (Committed& committed : overdue)
      committed(fail(Status::KeyInfoManagerError, "store: the disk does not answer in time"));
    lock.lock();
  }
}

std::optional<Writer::Clock::time_point> Writer::next_deadline() const {
  std::optional<Clock::time_point> ticket = next_ticket_deadline();
  if (!stuck_at_ || is_stuck_) return ticket;
  return ticket ? std::min(*ticket, *stuck_at_) : stuck_at_;
}

std::optional<Writer::Clock::time_point> Writer::next_ticket_deadline() const {
  for (const Ticket& ticket : in_flight_)
    if (ticket.committed) return ticket.deadline;
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().deadline;
}

std::vector<Committed> Writer::take_overdue(Clock::time_point now) {
  std::vector<Committed> overdue;
  for (Ticket& ticket : in_flight_)
    if (ticket.committed && ticket.deadline <= now)
      overdue.push_back(std::exchange(ticket.committed, nullptr));
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    overdue.push_back(std::move(waiting_.front().committed));
    waiting_.pop_front();
  }
  return overdue;
}

}  // namespace strongroom
