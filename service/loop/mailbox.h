// How other threads reach a loop: tasks, and an event descriptor that wakes it.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

// Any thread. Shared, because whoever finishes work late may outlive the loop it would report to.
class Mailbox {
 public:
  using Task = std::move_only_function<void()>;

  static Result<std::shared_ptr<Mailbox>> create();
  explicit Mailbox(UniqueFd wake) noexcept : wake_(std::move(wake)) {}

  // Destroys the task unrun, on the calling thread, once the mailbox is closed.
  void post(Task task);
  // Wakes the loop a last time.
  void close();

  // For the loop that reads it.
  struct Mail {
    std::list<Task> tasks;  // in the order of their posting
    bool is_last;           // closed: nothing follows
  };
  Mail collect();
  int descriptor() const noexcept { return wake_.get(); }  // readable when there is mail
  void acknowledge() noexcept;                             // makes it unreadable again

 private:
  void wake() noexcept;

  const UniqueFd wake_;
  std::mutex mutex_;       // guards tasks_ and is_closed_
  std::list<Task> tasks_;  // no large block, however many: a post cannot be tried again
  bool is_closed_ = false;
};

}  // namespace strongroom
