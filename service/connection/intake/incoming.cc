#include "service/connection/intake/incoming.h"

#include <cerrno>
#include <sys/socket.h>

namespace strongroom {

Incoming receive_from(int socket, MutableByteView buffer) noexcept {
  ssize_t count = 0;
  do {
    count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0) return {Incoming::Kind::Arrived, buffer.first(static_cast<std::size_t>(count))};
  if (count == 0) return {Incoming::Kind::EndOfStream, {}};
  return {errno == EAGAIN ? Incoming::Kind::Nothing : Incoming::Kind::PeerGone, {}};
}

}  // namespace strongroom
