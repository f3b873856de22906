// How long a connection waits for what its peer has to send.
#pragma once

#include <cstddef>
#include <optional>

#include "service/connection/connection_settings.h"
#include "service/loop/loop.h"

namespace strongroom {

enum class Awaited {
  FirstByte,      // of the first request
  RestOfRequest,  // of which something has arrived
  NextRequest,    // and nothing else happens on the connection
  Nothing,        // there are answers to give first
};

// Counts only while the daemon is willing to read: a peer that is made to wait loses nothing.
class ReadingClock {
 public:
  using Time = Loop::Clock::time_point;
  enum class Counts : bool { No, Yes };

  explicit ReadingClock(Time opened) noexcept : opened_(opened), since_(opened) {}

  // From `now` on. Another thing awaited begins anew.
  void await(Awaited awaited, Counts counts, Time now) noexcept;
  Awaited awaited() const noexcept { return awaited_; }

  // `announced` bytes of body and auth. nullopt: there is no limit.
  std::optional<Time> due(std::size_t announced, const ConnectionSettings& settings) const noexcept;

  // Whether the connection has been kept for as long as it may.
  bool is_over(Time now, const ConnectionSettings& settings) const noexcept {
    return now >= opened_ + settings.keep_alive_max;
  }

 private:
  const Time opened_;
  Awaited awaited_ = Awaited::FirstByte;
  Time since_;  // later by what did not count
  std::optional<Time> stopped_;
};

}  // namespace strongroom
