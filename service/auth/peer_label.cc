#include "service/auth/peer_label.h"

#include <cerrno>
#include <sys/socket.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

constexpr std::size_t kLongest = 4096;

}  // namespace

Result<std::string> read_peer_label(int socket) {
  char given[kLongest];  // not cleared: mostly there is nothing to be written into it
  socklen_t size = sizeof given;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERSEC, given, &size) == 0)
    return label_in({given, size});
  if (errno == ENOPROTOOPT) return {};
  return fail(Status::ConnectionError, fmt::format("getsockopt SO_PEERSEC: {}", errno_text()));
}

std::string label_in(std::string_view given) {
  return std::string(given.substr(0, given.find('\0')));
}

}  // namespace strongroom
