// One connection to the service, with a deadline.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "strongroom/client_error.h"

namespace strongroom::client {

// A point in time by which a whole call is over, or never.
class Deadline {
 public:
  // A `span` of zero: never.
  static Deadline in(std::chrono::milliseconds span);

  // What is left, rounded up; zero when it has passed, nullopt when it never will.
  std::optional<std::chrono::milliseconds> left() const;

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> end_;
};

// A connected stream socket, closed on exec. Owned by one thread. Never raises SIGPIPE.
class Connection {
 public:
  // Fails with source Endpoint, system_error() saying why. Waits for room in the service's backlog.
  static ClientResult<Connection> open(const std::string& socket_path, Deadline deadline);
  static Connection over(UniqueFd connected, Deadline deadline) noexcept;

  // All of it, or source Connection.
  ClientResult<> send(ByteView bytes);
  // Exactly as many as asked for; an end of stream before that is an error of source Connection.
  ClientResult<> receive(MutableByteView bytes);

 private:
  Connection(UniqueFd socket, Deadline deadline) noexcept
      : socket_(std::move(socket)), deadline_(deadline) {}

  ClientResult<> wait_for(short events, const char* doing) const;

  UniqueFd socket_;
  Deadline deadline_;
};

}  // namespace strongroom::client
