// A provider's workers and the work that waits for them: what is slow or stuck in one lane delays
// nothing in another.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/error.h"
#include "service/dispatch/fair_queue.h"
#include "service/dispatch/job.h"

namespace strongroom {

// What a lane has to do, for the operator.
struct LaneReport {
  std::string name;
  std::size_t queued;
  Cost queued_cost;
  std::size_t running;
  std::chrono::milliseconds oldest_wait;  // of what is queued
};

// Owns its threads, which run behind the loops in priority. Work of up to kQuickCost goes to the
// quick workers; where there are slow ones, the rest goes to them, of each principal one job at a
// time. Any thread may submit. A job is ended by exactly one of these: its work's reply, a refusal
// because it waited longer than the queue's timeout or its principal does not take the answers it
// has, or its destruction unanswered when the client is gone or the lane stops.
class Lane {
 public:
  using Clock = std::chrono::steady_clock;
  // A software lane that is late is overloaded (1141), a device's may have a stuck device (1147).
  enum class Kind { Software, Device };
  struct Settings {
    std::string name;
    Kind kind = Kind::Software;
    unsigned workers = 1;       // nice 10
    unsigned slow_workers = 0;  // nice 19; 0: there is one class of work
    std::chrono::milliseconds queue_timeout = std::chrono::seconds(8);
    std::chrono::milliseconds run_timeout = std::chrono::seconds(60);  // then the job's token
  };
  // Told when attend() should be called at the latest. Any thread; outlives the lane.
  using WakeBy = std::function<void(Clock::time_point)>;

  explicit Lane(Settings settings, WakeBy wake_by = [](Clock::time_point) {});
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Once. ConnectionError when the system has no thread to give.
  Result<> start();
  // Another number of workers, 1 at least, of those classes that have any; those that leave end
  // what they run. ConnectionError, and nothing has changed, when the system has no thread to give.
  // After start(); one thread at a time calls this and stop().
  Result<> man(unsigned workers, unsigned slow_workers);
  // A job submitted after stop() is destroyed unrun.
  void submit(Job job);
  // Whether `principal` has work queued here: then its next request may not overtake it.
  bool has_waiting(const Principal& principal) const;
  Kind kind() const noexcept { return settings_.kind; }
  // As attend() answers, for what has waited elsewhere since then before it could be submitted.
  Result<> check_patience(Clock::time_point since) const;

  // Also for what waits already.
  void limit_queueing(std::chrono::milliseconds queue_timeout);
  // Refuses what has waited too long and cancels what runs too long; says when to be called again.
  Clock::time_point attend(Clock::time_point now);
  LaneReport report(Clock::time_point now) const;

  // Cancels running jobs and lets them end, destroys waiting ones unrun, joins.
  void stop();

 private:
  struct OnGone {
    Lane& lane;
    std::uint64_t number;
    void operator()() const { lane.on_gone(number); }
  };
  // Destroyed without the mutex: the end of a stop_callback waits for its call to return.
  struct Queued {
    Queued(Job submitted, std::uint64_t given, Lane& lane);
    Job job;
    const std::uint64_t number;
    const Clock::time_point since = Clock::now();
    Charge charge;            // while it waits
    std::stop_token stopped;  // while it runs
    std::stop_callback<OnGone> on_gone;
  };
  struct Worker {
    std::atomic<bool> has_ended = false;
    std::jthread thread;
  };
  struct Class {
    Class(std::string thread_name, int nice_level,
          FairQueue<std::unique_ptr<Queued>>::AtATime at_a_time)
        : name(std::move(thread_name)), nice(nice_level), queue(at_a_time) {}
    const std::string name;
    const int nice;
    FairQueue<std::unique_ptr<Queued>> queue;
    std::condition_variable_any ready;
    std::list<Worker> staff;
    std::list<Worker> leaving;  // asked to stop
  };
  struct Place {  // of a job that waits
    Principal principal;
    Class& queued_in;
    Clock::time_point since;
  };
  using Places = std::map<std::uint64_t, Place>;
  struct Running {
    Clock::time_point cancelled_at;
    std::stop_source cancel;
  };

  Result<> hire(Class& each, unsigned count);
  static void dismiss(Class& each, unsigned count);
  bool has_slow_class() const noexcept { return settings_.slow_workers > 0; }
  Class& class_for(Cost cost) noexcept;
  void enqueue(std::unique_ptr<Queued> queued);
  void work(Class& mine, const std::stop_token& stop);
  // nullptr when the worker is to end.
  std::unique_ptr<Queued> take(Class& mine, const std::stop_token& stop);
  // Gives back a job that belongs into the other class.
  std::unique_ptr<Queued> perform(Class& mine, std::unique_ptr<Queued> queued);
  bool plan(Class& mine, Job& job);
  void finish(Class& mine, const Principal& principal, std::uint64_t number);
  void on_gone(std::uint64_t number);
  std::unique_ptr<Queued> take_out(Places::iterator place);  // with the mutex held

  const Settings settings_;
  const WakeBy wake_by_;
  std::atomic<std::uint64_t> last_number_ = 0;
  mutable std::mutex mutex_;  // guards what follows; of a class its queue alone
  std::chrono::milliseconds queue_timeout_;
  bool is_stopped_ = false;
  Places waiting_;  // by number: in the order of submission
  std::map<std::uint64_t, Running> running_;
  Class quick_;
  Class slow_;
};

}  // namespace strongroom
