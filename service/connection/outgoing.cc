#include "service/connection/outgoing.h"

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace strongroom {
namespace {

// sendmsg(2) only reads, but its vector cannot say so.
iovec vector_of(ByteView bytes) noexcept {
  return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

ByteView after(ByteView bytes, std::size_t skipped) noexcept {
  return bytes.subspan(std::min(skipped, bytes.size()));
}

}  // namespace

Outgoing::Outgoing(OwnedResponse response) noexcept : body_(std::move(response.body)) {
  response.header.body_size = static_cast<std::uint32_t>(body_.size());
  header_ = encode(response.header);
}

Outgoing::Progress Outgoing::send_to(int socket) noexcept {
  const std::size_t size = header_.size() + body_.size();
  while (sent_ < size) {
    ByteView body =
        sent_ < header_.size() ? body_.view() : after(body_.view(), sent_ - header_.size());
    std::array pieces{vector_of(after(header_, sent_)), vector_of(body)};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t count = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return errno == EAGAIN ? Progress::Blocked : Progress::PeerGone;
    }
  }
  return Progress::AllSent;
}

}  // namespace strongroom
