#include "client/connection.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

#include <fmt/format.h>

namespace strongroom::client {
namespace {

std::string errno_words(int code) {
  return std::generic_category().message(code);
}

std::unexpected<ClientError> not_connected(const std::string& path, int code) {
  std::string cause = errno_words(code);
  if (code == ENOENT) cause = "no such socket";
  if (code == ECONNREFUSED) cause = "connection refused, nobody listens on it";
  if (code == EAGAIN) cause = "timed out";
  return std::unexpected(ClientError(ErrorSource::Endpoint, Status::ConnectionError,
                                     fmt::format("connecting to '{}': {}", escaped(path), cause),
                                     code));
}

std::unexpected<ClientError> broken(const char* doing, std::string_view cause, int code = 0) {
  return std::unexpected(ClientError(ErrorSource::Connection, Status::ConnectionError,
                                     fmt::format("{}: {}", doing, cause), code));
}

// connect(2) to a Unix socket waits for room in the backlog; how long is the send timeout's.
void limit_connect_time(int socket, Deadline deadline) {
  auto left = deadline.left();
  if (!left) return;
  auto milliseconds = std::max<std::chrono::milliseconds::rep>(left->count(), 1);
  timeval limit{.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool would_block(int code) {
  return code == EAGAIN;
}

}  // namespace

Deadline Deadline::in(std::chrono::milliseconds span) {
  Deadline deadline;
  if (span > std::chrono::milliseconds::zero()) deadline.end_ = Clock::now() + span;
  return deadline;
}

std::optional<std::chrono::milliseconds> Deadline::left() const {
  if (!end_) return std::nullopt;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now());
  return std::max(left, std::chrono::milliseconds::zero());
}

ClientResult<Connection> Connection::open(const std::string& socket_path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path)
    return not_connected(socket_path, ENAMETOOLONG);
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return not_connected(socket_path, errno);
  limit_connect_time(socket.get(), deadline);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  int outcome = 0;
  do {
    outcome = ::connect(socket.get(), generic, sizeof address);
  } while (outcome != 0 && errno == EINTR);
  if (outcome != 0) return not_connected(socket_path, errno);
  return Connection(std::move(socket), deadline);
}

Connection Connection::over(UniqueFd connected, Deadline deadline) noexcept {
  return {std::move(connected), deadline};
}

ClientResult<> Connection::send(ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (would_block(errno)) {
      TRY(wait_for(POLLOUT, "sending the request"));
    } else if (errno != EINTR) {
      return broken("sending the request", errno_words(errno), errno);
    }
  }
  return {};
}

ClientResult<> Connection::receive(MutableByteView bytes) {
  while (!bytes.empty()) {
    ssize_t received = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (received > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(received));
    } else if (received == 0) {
      return broken("receiving the answer", "the service closed the connection");
    } else if (would_block(errno)) {
      TRY(wait_for(POLLIN, "receiving the answer"));
    } else if (errno != EINTR) {
      return broken("receiving the answer", errno_words(errno), errno);
    }
  }
  return {};
}

ClientResult<> Connection::wait_for(short events, const char* doing) const {
  pollfd waiting{.fd = socket_.get(), .events = events, .revents = 0};
  while (true) {
    auto left = deadline_.left();
    int limit = left ? static_cast<int>(std::min<long long>(left->count(), INT_MAX)) : -1;
    int ready = ::poll(&waiting, 1, limit);
    if (ready > 0) return {};
    if (ready == 0) return broken(doing, "timed out", ETIMEDOUT);
    if (errno != EINTR) return broken(doing, errno_words(errno), errno);
  }
}

}  // namespace strongroom::client
