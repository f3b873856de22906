// Keeps one principal from filling the log with its own mistakes.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "service/principals/principal.h"

namespace strongroom {

// Ten lines a second and principal; the rest is counted and told with the first line of a later
// second. Remembers a bounded number of principals. Any thread.
class RefusalLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint32_t kLinesPerSecond = 10;
  static constexpr std::size_t kPrincipals = 4096;

  struct Verdict {
    bool may_log;
    std::uint64_t suppressed;  // lines not written since the last one that was
  };
  Verdict count(const Principal& principal, Time now);

 private:
  struct Window {
    Time start;
    std::uint32_t lines = 0;
    std::uint64_t suppressed = 0;
  };

  std::mutex mutex_;
  std::unordered_map<Principal, Window, Principal::Hash> windows_;  // guarded by mutex_
};

}  // namespace strongroom
