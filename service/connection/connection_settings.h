// What bounds a connection in time and in bytes.
#pragma once

#include <chrono>
#include <cstddef>

namespace strongroom {

// Buffers grow by this much, as bytes arrive; never by what a header announces.
inline constexpr std::size_t kBufferStep = std::size_t{64} * 1024;

struct ConnectionSettings {
  using Duration = std::chrono::milliseconds;
  // From the first byte of a request to its last, and for the first byte to come at all.
  Duration request_timeout = std::chrono::seconds(5);
  // More for each kBufferStep bytes of body and auth that the header announces.
  Duration request_timeout_per_step = std::chrono::seconds(1);
  Duration write_timeout = std::chrono::seconds(5);
  // How long and how much is read and thrown away after the answer, so that a client still writing
  // gets to read it.
  Duration drain_timeout = std::chrono::seconds(1);
  std::size_t drain_limit = std::size_t{1024} * 1024 + kBufferStep;
};

}  // namespace strongroom
