// The one thread that writes to the store.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include "service/store/change.h"

namespace strongroom {

// What the writer drives; its calls come from the writer's thread alone.
class WriterWork {
 public:
  // One transaction. A Result for each change, in order; when the transaction as a whole fails each
  // carries that failure.
  virtual std::vector<Result<>> commit(std::span<const Change* const> group) = 0;
  // Called between groups and when the time it last gave has passed. When to call again; nullopt:
  // after the next group.
  using Clock = std::chrono::steady_clock;
  virtual std::optional<Clock::time_point> tend() = 0;
  // From the watching thread: one commit lasts longer than the timeout; from the writer's: it is
  // over. A long queue is not stuck. Must not call the writer.
  virtual void became_stuck(bool is_stuck) = 0;

 protected:
  ~WriterWork() = default;
};

// Takes what is queued whenever it is free, at most kGroup changes a transaction, and calls each
// change's Committed after its commit. A second thread watches the clock: a change not answered
// within the timeout is answered KeyInfoManagerError by it. A change that was still waiting is then
// taken back and will not happen. One that is being committed may yet happen; the writer goes on
// with it and learns the outcome before it looks at any later change, which reconciles the name.
class Writer {
 public:
  static constexpr std::size_t kGroup = 256;
  using Clock = WriterWork::Clock;

  // Starts both threads.
  Writer(WriterWork& work, std::chrono::milliseconds timeout);
  // Commits what is queued, then ends.
  ~Writer();

  // Any thread. `committed` is called exactly once, on one of the two threads.
  void submit(Change change, Committed committed);

  // Runs there when that thread is free; what the writer runs is followed by WriterWork::tend().
  // Any thread; destroyed unrun when the thread ends first.
  using Task = std::move_only_function<void()>;
  void post_to_writer(Task task);
  void post_to_watcher(Task task);

 private:
  struct Ticket {
    Change change;
    Committed committed;  // empty once the ticket is answered
    Clock::time_point deadline;
  };

  void run();
  // Waits for changes, the time to tend, or the end. False when there is nothing more to do.
  bool await_work(std::optional<Clock::time_point> tend_at);
  void commit_group();
  void answer(const std::vector<Result<>>& results);
  void watch(const std::stop_token& stop);
  // With the mutex held.
  void set_stuck(bool is_stuck);
  // Without it inside, if there is something to run.
  static void run_posted(std::list<Task>& posted, std::unique_lock<std::mutex>& lock);
  std::optional<Clock::time_point> next_deadline() const;
  std::optional<Clock::time_point> next_ticket_deadline() const;
  std::vector<Committed> take_overdue(Clock::time_point now);

  WriterWork& work_;
  const std::chrono::milliseconds timeout_;
  std::mutex
      mutex_;  // guards what follows, except the changes in flight: the writer's thread reads
  std::condition_variable has_work_;
  std::condition_variable_any has_tickets_;
  std::list<Task> for_writer_;
  std::list<Task> for_watcher_;
  std::deque<Ticket> waiting_;
  std::deque<Ticket> in_flight_;
  std::optional<Clock::time_point> stuck_at_;  // unless the commit in flight is over by then
  bool is_stopping_ = false;
  bool is_stuck_ = false;
  bool is_watcher_idle_ = true;  // it sleeps without a time to wake at
  std::jthread watcher_;
  std::thread thread_;
};

}  // namespace strongroom
