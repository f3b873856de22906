// How a provider is, for whoever operates it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace strongroom {

enum class ProviderState {
  Up,
  Degraded,    // serves, but something has just failed and is looked into
  Down,        // requests are refused at once; it is looked after again by itself
  Recovering,  // as Down, while somebody looks
};

constexpr std::string_view name_of(ProviderState state) noexcept {
  switch (state) {
    case ProviderState::Up: return "up";
    case ProviderState::Degraded: return "degraded";
    case ProviderState::Down: return "down";
    case ProviderState::Recovering: return "recovering";
  }
  return "unknown";
}

struct ProviderHealth {
  ProviderState state = ProviderState::Up;
  std::chrono::sys_seconds since;  // of being up, degraded, or down with looks in between
  // For the operator: why it is not up, or what falls short although it is; empty when nothing
  // does.
  std::string reason;
};

// Whether the device may be why: it was asked and may not have answered, so that there is no use in
// asking it again now.
inline bool is_of_the_device(const Error& error) noexcept {
  return error.status() == Status::PsaErrorHardwareFailure ||
         error.status() == Status::PsaErrorCommunicationFailure;
}

}  // namespace strongroom
