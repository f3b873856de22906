// The wall clock in whole seconds, as records and reports keep it.
#pragma once

#include <chrono>

namespace strongroom {

inline std::chrono::sys_seconds now_in_seconds() noexcept {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace strongroom
