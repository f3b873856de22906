#include "service/loop/mailbox.h"

#include <sys/eventfd.h>
#include <tuple>

#include "service/loop/system_error.h"

namespace strongroom {

Result<std::shared_ptr<Mailbox>> Mailbox::create() {
  UniqueFd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake) return std::unexpected(system_error("creating an event descriptor"));
  return std::make_shared<Mailbox>(std::move(wake));
}

void Mailbox::post(Task task) {
  bool is_first = false;
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return;
    is_first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (is_first) wake();
}

void Mailbox::close() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake();
}

Mailbox::Mail Mailbox::collect() {
  std::lock_guard lock(mutex_);
  return {std::exchange(tasks_, {}), is_closed_};
}

void Mailbox::acknowledge() noexcept {
  eventfd_t count = 0;
  std::ignore = ::eventfd_read(wake_.get(), &count);
}

void Mailbox::wake() noexcept {
  // Fails only when the counter is about to overflow, and then the loop is awake anyway.
  std::ignore = ::eventfd_write(wake_.get(), 1);
}

}  // namespace strongroom
