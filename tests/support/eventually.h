// What other threads and processes bring about in their own time.
#pragma once

#include <chrono>
#include <thread>

namespace strongroom::testing {

// Asks every few milliseconds; false after `patience`, which a busy machine needs now and then.
template <typename Claim>
bool eventually(const Claim& claim, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!claim()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace strongroom::testing
