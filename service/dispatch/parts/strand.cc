#include "service/dispatch/parts/strand.h"

#include <utility>

#include "base/log.h"
#include "base/memory_reserve.h"

namespace strongroom {

void Strand::Turn::release() noexcept {
  if (const auto strand = std::exchange(strand_, nullptr)) strand->pass_on();
}

void Strand::submit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_taken_) {
      parked_.push_back(std::move(task));
      return;
    }
    is_taken_ = true;
  }
  task(Turn(shared_from_this()), When::AtOnce);
}

std::optional<Strand::Turn> Strand::try_take() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(is_taken_, true)) return std::nullopt;
  return Turn(shared_from_this());
}

// A task that is dropped as soon as it is started gives its turn back before start() returns, and
// so does one that another thread has finished by then: the loop goes on with the next one then.
void Strand::pass_on() noexcept {
  std::unique_lock lock(mutex_);
  is_released_ = true;
  if (is_passed_on_) return;
  is_passed_on_ = true;
  while (std::exchange(is_released_, false)) {
    if (parked_.empty()) {
      is_taken_ = false;
      break;
    }
    Task next = std::move(parked_.front());
    parked_.pop_front();
    lock.unlock();
    start(std::move(next), Turn(shared_from_this()));
    next = nullptr;
    lock.lock();
  }
  is_passed_on_ = false;
}

// What the task holds is destroyed by the exception, if there is one: so it is answered.
void Strand::start(Task task, Turn turn) noexcept {
  const bool is_started = attempt([&] {
    Task mine = std::move(task);
    mine(std::move(turn), When::Later);
  });
  if (!is_started) log::warning("dispatch", "starting a request that was parked: out of memory");
}

}  // namespace strongroom
