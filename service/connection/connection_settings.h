// What bounds a connection in time and in bytes.
#pragma once

#include <chrono>
#include <cstddef>

namespace strongroom {

// Buffers grow by this much, as bytes arrive; never by what a header announces.
inline constexpr std::size_t kBufferStep = std::size_t{64} * 1024;

// What a connection reads beyond the request that is arriving: it may be further requests.
inline constexpr std::size_t kReadAhead = std::size_t{16} * 1024;

struct ConnectionSettings {
  using Duration = std::chrono::milliseconds;
  // From the first byte of a request to its last, and for the first byte to come at all.
  Duration request_timeout = std::chrono::seconds(5);
  // More for each kBufferStep bytes of body and auth that the header announces.
  Duration request_timeout_per_step = std::chrono::seconds(1);
  // For a client to take something of what there is for it to read.
  Duration write_timeout = std::chrono::seconds(5);
  // How long and how much is read and thrown away after the answer, so that a client still writing
  // gets to read it.
  Duration drain_timeout = std::chrono::seconds(1);
  std::size_t drain_limit = std::size_t{1024} * 1024 + kBufferStep;
  // For whoever has connected and not sent anything yet when the daemon stops.
  Duration first_byte_grace = std::chrono::seconds(1);

  // Of a kept connection: how long nothing may happen on it, and how old it may be when the next
  // request begins.
  Duration idle_timeout = std::chrono::minutes(5);
  Duration keep_alive_max = std::chrono::hours(1);
  // How often the server gets to end what it keeps of the connection from request to request.
  Duration expiry_interval = std::chrono::seconds(10);
  // At either limit the daemon reads no further, and so begins nothing: this many requests being
  // served, this many bytes of answers that the client has not taken.
  std::size_t max_in_flight = 64;
  std::size_t unsent_limit = std::size_t{1024} * 1024;
};

}  // namespace strongroom
