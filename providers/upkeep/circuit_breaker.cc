#include "providers/upkeep/circuit_breaker.h"

#include <algorithm>

namespace strongroom {

void CircuitBreaker::request_failed(Clock::time_point now) noexcept {
  if (!admits_requests()) return;
  state_ = ProviderState::Degraded;
  wish_for_a_look(now);
}

void CircuitBreaker::device_is_silent(Clock::time_point now) noexcept {
  if (!admits_requests()) return;
  state_ = ProviderState::Down;
  wish_for_a_look(now);
}

void CircuitBreaker::look_begins() noexcept {
  is_looking_ = true;
  look_due_ = kNever;
  if (state_ == ProviderState::Down) state_ = ProviderState::Recovering;
}

void CircuitBreaker::look_succeeded() noexcept {
  is_looking_ = false;
  look_due_ = kNever;
  pause_ = pauses_.first;
  state_ = ProviderState::Up;
}

void CircuitBreaker::look_failed(Clock::time_point now) noexcept {
  is_looking_ = false;
  look_due_ = now + pause_;
  pause_ = std::min(2 * pause_, pauses_.longest);
  state_ = ProviderState::Down;
}

void CircuitBreaker::look_was_put_off(Clock::time_point now) noexcept {
  is_looking_ = false;
  look_due_ = now + pause_;
  if (state_ == ProviderState::Recovering) state_ = ProviderState::Down;
}

void CircuitBreaker::wish_for_a_look(Clock::time_point now) noexcept {
  if (!is_looking_) look_due_ = std::min(look_due_, now);
}

}  // namespace strongroom
