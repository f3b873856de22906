// One thread's event loop over epoll: descriptors, timers, and work posted by other threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Told when a watched descriptor is ready. Lives at least until unwatched.
class Watcher {
 public:
  virtual void on_ready(std::uint32_t events) = 0;  // EPOLLIN | EPOLLOUT | …

 protected:
  ~Watcher() = default;
};

// All methods belong to the thread that calls run(), except post() and stop(), which any thread may
// call. Work posted after the loop has stopped is destroyed unrun.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::move_only_function<void()>;
  using TimerId = std::uint64_t;

  // KeyInfo: ConnectionError when the kernel gives no epoll or event descriptor.
  static Result<std::unique_ptr<Loop>> create();
  ~Loop();

  // Until stop(); handles what is ready, then what was posted, then what is due.
  void run();
  void stop();
  void post(Task task);

  // Level-triggered. `events` as epoll_ctl(2), EPOLLEXCLUSIVE for shared listeners.
  Result<> watch(int fd, std::uint32_t events, Watcher& watcher);
  Result<> rewatch(int fd, std::uint32_t events, Watcher& watcher);
  void unwatch(int fd);

  TimerId at(Clock::time_point due, Task task);
  void cancel(TimerId timer);

 private:
  Loop(UniqueFd epoll, UniqueFd wake) noexcept;
};

}  // namespace strongroom
