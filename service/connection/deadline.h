// A deadline that is moved often and seldom met.
#pragma once

#include <optional>

#include "service/loop/loop.h"

namespace strongroom {

// Belongs to the loop's thread. Moving it to a later time costs nothing: the loop's timer stays
// where it is, and finds out then.
class Deadline {
 public:
  using Time = Loop::Clock::time_point;

  // `on_due` may destroy this.
  Deadline(Loop& loop, Loop::Task on_due) noexcept : loop_(loop), on_due_(std::move(on_due)) {}
  ~Deadline() { cancel_timer(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(Time due);
  void clear() noexcept { due_.reset(); }
  bool is_set() const noexcept { return due_.has_value(); }

 private:
  void on_timer();
  void cancel_timer();

  Loop& loop_;
  Loop::Task on_due_;
  std::optional<Time> due_;
  std::optional<Loop::TimerId> timer_;  // not later than due_
};

}  // namespace strongroom
