#include "service/dispatch/timekeeper.h"

#include <algorithm>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace strongroom {

Result<> Timekeeper::start() {
  try {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  } catch (const std::system_error& error) {
    return fail(Status::ConnectionError,
                fmt::format("timekeeper: cannot start a thread: {}", error.code().message()));
  }
  return {};
}

void Timekeeper::wake_by(Clock::time_point due) {
  if (due >= next_.load()) return;
  {
    const std::lock_guard lock(mutex_);
    if (due >= next_.load()) return;
    next_ = due;
  }
  changed_.notify_one();
}

void Timekeeper::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  wake_by(Clock::now());
}

void Timekeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

// next_ is given up before attend() looks: what becomes due after its look finds a later time here,
// and says so by wake_by().
void Timekeeper::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "timekeeper");
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Clock::time_point due = next_;
    changed_.wait_until(lock, stop, due, [&] { return next_.load() != due; });
    const Clock::time_point now = Clock::now();
    if (stop.stop_requested() || now < next_.load()) continue;
    next_ = kNever;
    std::list<Task> posted = std::exchange(posted_, {});
    lock.unlock();
    for (Task& task : posted)
      task();
    const Clock::time_point again = attend_(now);
    lock.lock();
    next_ = std::min(next_.load(), again);
  }
}

}  // namespace strongroom
