#include "client/channel/socket.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include "base/error.h"
#include "client/socket_trust.h"

namespace strongroom::client {
namespace {

std::unexpected<ClientError> not_connected(const std::string& path, int code) {
  return std::unexpected(not_reachable(path, code));
}

ClientResult<> check_trust(const Settings& settings, uid_t euid) {
  if (!settings.trusted_owners) return {};
  std::vector<uid_t> owners = *settings.trusted_owners;
  owners.push_back(euid);
  return check_socket_trust(settings.socket_path, owners);
}

int try_to_connect(int socket, const sockaddr_un& address) {
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  while (::connect(socket, generic, sizeof address) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

}  // namespace

std::string errno_words(int code) {
  return std::generic_category().message(code);
}

ClientResult<std::optional<UniqueFd>> connect_to(const Settings& settings, uid_t euid) {
  const std::string& path = settings.socket_path;
  TRY(check_trust(settings, euid));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return not_connected(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return not_connected(path, errno);
  const int code = try_to_connect(socket.get(), address);
  if (code == EAGAIN) return std::optional<UniqueFd>();
  if (code != 0) return not_connected(path, code);
  // The service takes the connection's identity from here, for all calls that it will carry.
  if (::geteuid() != euid) return not_connected(path, EPERM);
  return std::optional<UniqueFd>(std::move(socket));
}

}  // namespace strongroom::client
