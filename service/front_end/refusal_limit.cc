#include "service/front_end/refusal_limit.h"

#include <utility>

namespace strongroom {

RefusalLimit::Verdict RefusalLimit::count(const Principal& principal, Time now) {
  std::lock_guard lock(mutex_);
  if (windows_.size() >= kPrincipals && !windows_.contains(principal)) windows_.clear();
  Window& window = windows_[principal];
  if (now - window.start >= std::chrono::seconds(1)) {
    window.start = now;
    window.lines = 0;
  }
  if (window.lines == kLinesPerSecond) {
    ++window.suppressed;
    return {.may_log = false, .suppressed = 0};
  }
  ++window.lines;
  return {.may_log = true, .suppressed = std::exchange(window.suppressed, 0)};
}

}  // namespace strongroom
