#include "service/connection/reading_clock.h"

#include <algorithm>

namespace strongroom {

void ReadingClock::await(Awaited awaited, Counts counts, Time now) noexcept {
  if (awaited != awaited_) {
    awaited_ = awaited;
    since_ = now;
    stopped_.reset();
  }
  if (counts == Counts::No) {
    if (!stopped_) stopped_ = now;
  } else if (stopped_) {
    since_ += now - *stopped_;
    stopped_.reset();
  }
}

std::optional<ReadingClock::Time> ReadingClock::due(
    std::size_t announced, const ConnectionSettings& settings) const noexcept {
  if (stopped_) return std::nullopt;
  const auto steps = static_cast<std::int64_t>((announced + kBufferStep - 1) / kBufferStep);
  switch (awaited_) {
    case Awaited::FirstByte: return since_ + settings.request_timeout;
    case Awaited::RestOfRequest:
      return since_ + settings.request_timeout + steps * settings.request_timeout_per_step;
    case Awaited::NextRequest:
      return std::min(since_ + settings.idle_timeout, opened_ + settings.keep_alive_max);
    case Awaited::Nothing: break;
  }
  return std::nullopt;
}

}  // namespace strongroom
