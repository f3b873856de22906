// One thread that is there when something is due, however busy all others are.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "base/error.h"

namespace strongroom {

class Timekeeper {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point kNever = Clock::time_point::max();
  // Does what is due and says when it wants to be called again. On the timekeeper's thread.
  using Attend = std::function<Clock::time_point(Clock::time_point now)>;

  explicit Timekeeper(Attend attend) : attend_(std::move(attend)) {}
  ~Timekeeper() { stop(); }
  Timekeeper(const Timekeeper&) = delete;
  Timekeeper& operator=(const Timekeeper&) = delete;

  // Once. ConnectionError when the system has no thread to give.
  Result<> start();
  // Something will be due then. Any thread; costs a comparison when it wakes earlier anyway.
  void wake_by(Clock::time_point due);
  // Runs there, soon. Any thread; destroyed unrun when the thread ends first.
  using Task = std::move_only_function<void()>;
  void post(Task task);
  void stop();

 private:
  void run(const std::stop_token& stop);

  const Attend attend_;
  std::mutex mutex_;  // guards posted_; held to change next_
  std::list<Task> posted_;
  std::condition_variable_any changed_;
  std::atomic<Clock::time_point> next_ = kNever;
  std::jthread thread_;
};

}  // namespace strongroom
