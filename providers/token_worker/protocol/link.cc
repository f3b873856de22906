#include "providers/token_worker/protocol/link.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

#include "base/errno_text.h"
#include "providers/token_worker/protocol/encoding.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kHeader = sizeof(std::uint32_t) + sizeof(std::uint16_t);
// Most messages come at once.
constexpr std::size_t kAtOnce = 4096;

std::unexpected<Error> broken(std::string why) {
  return fail(Status::PsaErrorCommunicationFailure, std::move(why));
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

void Link::begin(WipedBytes& message, std::uint16_t kind) {
  message.clear();
  Writer writer(message);
  writer.put(std::uint32_t{0});
  writer.put(kind);
}

Result<> Link::send(WipedBytes& message, Clock::time_point deadline) {
  const std::size_t size = message.size() - kHeader;
  if (size > limit_)
    return fail(Status::PsaErrorInsufficientMemory,
                fmt::format("a message of {} bytes is longer than {}", size, limit_));
  const auto announced = static_cast<std::uint32_t>(size);
  std::ranges::copy(std::as_bytes(std::span(&announced, 1)), message.view().begin());
  ByteView rest = message.view();
  while (!rest.empty()) {
    ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      rest = rest.subspan(static_cast<std::size_t>(sent));
    else if (would_block())
      TRY(wait(POLLOUT, deadline));
    else if (errno != EINTR)
      return broken("send: " + errno_text());
  }
  return {};
}

Result<Link::Received> Link::receive(WipedBytes& buffer, Clock::time_point deadline) {
  buffer.clear();
  while (buffer.size() < kHeader)
    TRY(receive_some(buffer, kAtOnce, deadline));
  Reader header(buffer.view().first(kHeader));
  const std::size_t size = header.number<std::uint32_t>();
  const auto kind = header.number<std::uint16_t>();
  if (size > limit_) return broken(fmt::format("a message of {} bytes", size));
  while (buffer.size() < kHeader + size)
    TRY(receive_some(buffer, kHeader + size - buffer.size(), deadline));
  if (buffer.size() > kHeader + size) return broken("more than a message");
  return Received{.kind = kind, .content = std::as_const(buffer).view().subspan(kHeader)};
}

Result<> Link::receive_some(WipedBytes& buffer, std::size_t most, Clock::time_point deadline) {
  const bool waits_there = deadline == kNever;
  if (!waits_there) TRY(wait(POLLIN, deadline));
  const std::size_t before = buffer.size();
  ssize_t got =
      ::recv(socket_.get(), buffer.extend(most).data(), most, waits_there ? 0 : MSG_DONTWAIT);
  buffer.take_back(most - (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got > 0 || (got < 0 && (would_block() || errno == EINTR))) return {};
  if (got < 0) return broken("recv: " + errno_text());
  has_ended_ = before == 0;
  return broken("the stream has ended");
}

Result<> Link::wait(short events, Clock::time_point deadline) const {
  pollfd ready{socket_.get(), events, 0};
  int timeout = -1;
  if (deadline != kNever) {
    // Before poll(): one who sends without end always has something there.
    const auto now = Clock::now();
    if (now >= deadline) return broken("no answer in time");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
    timeout = static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000));
  }
  int count = ::poll(&ready, 1, timeout);
  if (count > 0 || (count < 0 && errno == EINTR)) return {};
  if (count < 0) return broken("poll: " + errno_text());
  return {};
}

bool Link::is_quiet() const noexcept {
  std::byte octet{};
  return ::recv(socket_.get(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block();
}

}  // namespace strongroom::token_worker
