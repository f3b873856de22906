// Points in time by which something is over.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace strongroom::client {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

// nullopt: never.
using Deadline = std::optional<TimePoint>;

// Zero: never. A span too long for the clock is never, too.
inline Deadline deadline_in(std::chrono::milliseconds span, TimePoint now) noexcept {
  if (span <= span.zero() || span > TimePoint::max() - now) return std::nullopt;
  return now + span;
}

inline Deadline earlier(Deadline a, Deadline b) noexcept {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace strongroom::client
