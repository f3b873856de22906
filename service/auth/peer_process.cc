#include "service/auth/peer_process.h"

#include <cerrno>
#include <poll.h>

namespace strongroom {

bool has_exited(int pidfd) noexcept {
  if (pidfd < 0) return true;  // poll(2) ignores negative numbers
  pollfd process{.fd = pidfd, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&process, 1, 0);
  } while (ready < 0 && errno == EINTR);
  return ready != 0;
}

}  // namespace strongroom
