// One thread's event loop over epoll: descriptors, timers, and work posted by other threads.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <sys/epoll.h>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "service/loop/mailbox.h"

namespace strongroom {

// Told when a watched descriptor is ready. Lives at least until unwatched.
class Watcher {
 public:
  // EPOLLIN | EPOLLOUT | …; 0 in a turn that was asked for by again() alone. Once a turn at most.
  // Runs inside attempt().
  virtual void on_ready(std::uint32_t events) = 0;
  // It ended for lack of memory.
  virtual void on_out_of_memory() {}

 protected:
  ~Watcher() = default;
};

// All methods belong to the thread that calls run(), except post(), stop() and last_turn(), which
// any thread may call; before run() and after it they belong to whoever owns the loop. Watchers and
// timers may be added, changed and removed from within any callback.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = Mailbox::Task;
  struct TimerId {
    Clock::time_point due;
    std::uint64_t sequence;
    auto operator<=>(const TimerId&) const = default;
  };

  // ConnectionError when the kernel gives no epoll or event descriptor.
  static Result<std::unique_ptr<Loop>> create();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop(); each turn handles all that is ready, then what was posted, then what is due.
  // Once.
  void run();
  // What was posted before still runs, what is posted afterwards is destroyed unrun.
  void stop() { mailbox_->close(); }
  void post(Task task) { mailbox_->post(std::move(task)); }
  // For those who may post after the loop is gone.
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

  // Level-triggered. `events` as epoll_ctl(2), EPOLLEXCLUSIVE for shared listeners; EPOLLHUP and
  // EPOLLERR are always reported. ConnectionError.
  Result<> watch(int fd, std::uint32_t events, Watcher& watcher);
  // Not for EPOLLEXCLUSIVE, which epoll_ctl(2) does not let be modified.
  Result<> rewatch(int fd, std::uint32_t events);
  // Before the descriptor is closed. Its watcher is not called again, not even for an event that
  // the kernel has already reported.
  void unwatch(int fd);
  // The descriptor's watcher has more to do than epoll knows of: the next turn begins without
  // waiting, and calls it before or after those that epoll tells of.
  void again(int fd);

  // Runs at the begin of every turn, before what is ready is handled. One at a time.
  void each_turn(Task task) { each_turn_ = std::move(task); }
  // Runs in every turn once what was posted has run. One at a time.
  void after_posted(Task task) { after_posted_ = std::move(task); }

  // When the last turn began. A loop that has nothing to do has no turns: post something to it to
  // find out whether it still takes any.
  Clock::time_point last_turn() const noexcept {
    return last_turn_.load(std::memory_order_relaxed);
  }

  // Not before all that is ready has been handled; and a second after the loop can run again, when
  // it could not for a while (SIGSTOP): what others did in time is not judged as too late. A timer
  // is put off once.
  TimerId at(Clock::time_point due, Task task);
  // Nothing happens when the timer has already fired.
  void cancel(const TimerId& timer) { timers_.erase(timer); }

 private:
  // A descriptor's number is soon used again: the generation tells an event of this watch from one
  // of the watch before.
  struct Watch {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;
    bool is_called_again = false;  // stands in again_
    std::uint64_t called_in = 0;   // the turn
  };

  Loop(UniqueFd epoll, std::shared_ptr<Mailbox> mailbox) noexcept;
  Result<> control(int operation, int fd, std::uint32_t events);
  void begin_turn();
  std::size_t wait();
  void handle_ready(std::size_t count);
  void call_again();
  void dispatch(std::uint64_t token, std::uint32_t events);
  bool run_posted();  // false once the last mail was run
  void run_due();
  int milliseconds_to_wait() const;
  Clock::time_point next_due() const;  // of timers, of which there are some
  Watch& watch_of(std::uint64_t token) { return watches_.at(static_cast<std::uint32_t>(token)); }

  const UniqueFd epoll_;
  const std::shared_ptr<Mailbox> mailbox_;
  std::vector<Watch> watches_;             // by descriptor
  std::vector<epoll_event> events_;        // of this turn; grows to as many as are ready together
  std::vector<std::uint64_t> again_;       // tokens, for the next turn
  std::vector<std::uint64_t> call_again_;  // and for this one
  std::uint64_t turn_ = 0;
  std::atomic<Clock::time_point> last_turn_{Clock::time_point()};
  Task each_turn_;
  Task after_posted_;
  std::map<TimerId, Task> timers_;
  Clock::time_point lenient_until_;
  std::uint64_t next_timer_ = 0;
};

}  // namespace strongroom
