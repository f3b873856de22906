#include "service/auth/peer_label.h"

#include <cerrno>
#include <sys/socket.h>

#include "base/errno_text.h"

namespace strongroom {

Result<std::string> read_peer_label(int socket) {
  constexpr std::size_t kLongest = 4096;
  std::string given(kLongest, '\0');
  auto size = static_cast<socklen_t>(given.size());
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERSEC, given.data(), &size) == 0)
    return label_in(std::string_view(given).substr(0, size));
  if (errno == ENOPROTOOPT) return {};
  return fail(Status::ConnectionError, fmt::format("getsockopt SO_PEERSEC: {}", errno_text()));
}

std::string label_in(std::string_view given) {
  return std::string(given.substr(0, given.find('\0')));
}

}  // namespace strongroom
