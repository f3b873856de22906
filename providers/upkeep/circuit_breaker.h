// When requests are kept from a device that does not serve them, and when it is tried again.
#pragma once

#include <chrono>

#include "providers/provider_health.h"

namespace strongroom {

// A state machine without clock, thread or lock: its owner tells the time and guards it.
//
//   Up ──a request failed──► Degraded ──a look finds nothing──► Up
//   Up, Degraded ──no answer at all, or a look failed──► Down
//   Down ──after a pause──► Recovering ──the look succeeded──► Up
//                                      ──it failed──► Down, with twice the pause
//                                      ──it was put off──► Down
//
// One failed request proves nothing of a device, so it leads to a look that does; meanwhile others
// are admitted. A look is a cheap operation on the device; there is one at a time.
class CircuitBreaker {
 public:
  using Clock = std::chrono::steady_clock;
  struct Pauses {
    std::chrono::milliseconds first{250};
    std::chrono::milliseconds longest{2'000};
  };
  static constexpr Clock::time_point kNever = Clock::time_point::max();

  // Recovering: nobody has looked yet, and a look is due.
  CircuitBreaker(const Pauses& pauses, Clock::time_point now) noexcept
      : pauses_(pauses), pause_(pauses.first), look_due_(now) {}

  ProviderState state() const noexcept { return state_; }
  bool admits_requests() const noexcept {
    return state_ == ProviderState::Up || state_ == ProviderState::Degraded;
  }
  // kNever while none is to be.
  Clock::time_point look_due() const noexcept { return look_due_; }

  // Of a request that was admitted, perhaps long ago.
  void request_failed(Clock::time_point now) noexcept;
  void device_is_silent(Clock::time_point now) noexcept;

  void look_begins() noexcept;
  void look_succeeded() noexcept;
  void look_failed(Clock::time_point now) noexcept;
  // It found nobody with the time for it, which proves nothing: as before, for a pause.
  void look_was_put_off(Clock::time_point now) noexcept;

 private:
  // At once, whatever the pause.
  void wish_for_a_look(Clock::time_point now) noexcept;

  const Pauses pauses_;
  std::chrono::milliseconds pause_;
  ProviderState state_ = ProviderState::Recovering;
  Clock::time_point look_due_;
  bool is_looking_ = false;
};

}  // namespace strongroom
