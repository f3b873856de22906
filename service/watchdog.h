// Whether the threads without which nothing is served still go on.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace strongroom {

// Asks each of them to run a task, and looks later who has. Belongs to one thread.
class Watchdog {
 public:
  using Task = std::move_only_function<void()>;
  struct Watched {
    std::string name;
    std::function<void(Task)> post;  // to that thread; does not wait for it
  };
  // The threads may end, but not what `post` needs, before this does.
  explicit Watchdog(std::vector<Watched> threads);

  // Who was asked by the call before this one and has not run the task yet. All others are asked
  // again: one that is stuck has one task waiting, however long.
  std::vector<std::string> silent();

 private:
  struct Thread {
    Watched watched;
    std::shared_ptr<std::atomic<bool>> has_answered;  // the answer may come late
  };
  std::vector<Thread> threads_;
};

}  // namespace strongroom
