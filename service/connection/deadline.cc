#include "service/connection/deadline.h"

namespace strongroom {

void Deadline::set(Time due) {
  due_ = due;
  if (timer_ && timer_->due <= due) return;
  cancel_timer();
  timer_ = loop_.at(due, [this] { on_timer(); });
}

void Deadline::on_timer() {
  timer_.reset();
  if (!due_) return;
  if (const Time due = *due_; Loop::Clock::now() < due) return set(due);
  due_.reset();
  on_due_();
}

void Deadline::cancel_timer() {
  if (timer_) loop_.cancel(*timer_);
  timer_.reset();
}

}  // namespace strongroom
