#include "service/listener/listening_socket.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "service/loop/system_error.h"

namespace strongroom {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;  // the last byte is a NUL
// What chown(2) takes for "leave it".
constexpr auto kSameUid = static_cast<uid_t>(-1);
constexpr auto kSameGid = static_cast<gid_t>(-1);

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // An empty path, or a leading NUL, would be an abstract address.
  if (path.empty() || path.find('\0') != std::string::npos)
    return fail(Status::ConnectionError, fmt::format("socket path '{}': not a path", path));
  if (path.size() > kLongestPath)
    return fail(Status::ConnectionError,
                fmt::format("socket path '{}': {} bytes, at most {} are possible", path,
                            path.size(), kLongestPath));
  std::ranges::copy(path, address.sun_path);
  return address;
}

Result<UniqueFd> new_socket() {
  UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) return std::unexpected(system_error("creating a socket"));
  return made;
}

// 0, or why not.
template <typename Call>
int connect_or_bind(Call call, int socket, const sockaddr_un& address) {
  return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                         : errno;
}

// Nobody listens at a socket that refuses; any other outcome leaves the possibility.
Result<> check_is_stale(const sockaddr_un& address) {
  auto probe = TRY(new_socket());
  const int code = connect_or_bind(::connect, probe.get(), address);
  if (code == ECONNREFUSED) return {};
  if (code == 0 || code == EAGAIN)
    return fail(Status::ConnectionError,
                fmt::format("another service is listening at '{}'", address.sun_path));
  return std::unexpected(
      system_error(fmt::format("finding out who listens at '{}'", address.sun_path), code));
}

bool is_same_file(const struct stat& a, const struct stat& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

Result<> remove_stale_socket(const sockaddr_un& address) {
  const char* path = address.sun_path;
  struct stat before{};
  if (::lstat(path, &before) != 0) {
    if (errno == ENOENT) return {};
    return std::unexpected(system_error(fmt::format("looking at '{}'", path)));
  }
  if (!S_ISSOCK(before.st_mode))
    return fail(Status::ConnectionError, fmt::format("'{}' is not a socket, and stays", path));
  TRY(check_is_stale(address));
  struct stat now{};
  if (::lstat(path, &now) != 0 || !is_same_file(before, now))
    return fail(Status::ConnectionError, fmt::format("'{}' is being replaced by another", path));
  if (::unlink(path) != 0)
    return std::unexpected(system_error(fmt::format("removing the stale socket '{}'", path)));
  log::info("listener", "removed the stale socket '{}'", path);
  return {};
}

Result<> set_owner_and_mode(const SocketSettings& settings) {
  const char* path = settings.path.c_str();
  if ((settings.owner || settings.group) &&
      ::lchown(path, settings.owner.value_or(kSameUid), settings.group.value_or(kSameGid)) != 0)
    return std::unexpected(system_error(fmt::format("giving '{}' its owner and group", path)));
  if (::chmod(path, settings.mode) != 0)
    return std::unexpected(system_error(fmt::format("giving '{}' its mode", path)));
  return {};
}

Result<> make_unblocking(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ||
      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0)
    return std::unexpected(system_error("setting flags of a passed descriptor"));
  return {};
}

template <typename Predicate>
std::optional<PassedDescriptor> take_first(std::vector<PassedDescriptor>& passed,
                                           Predicate is_wanted) {
  auto found = std::ranges::find_if(passed, is_wanted);
  if (found == passed.end()) return std::nullopt;
  PassedDescriptor taken = std::move(*found);
  passed.erase(found);
  return taken;
}

// Before any goes by order, so that it does not matter where among the others the named ones stand.
std::vector<std::optional<PassedDescriptor>> choose_by_name(
    const std::vector<SocketSettings>& settings, std::vector<PassedDescriptor>& passed) {
  std::vector<std::optional<PassedDescriptor>> chosen;
  chosen.reserve(settings.size());
  for (const SocketSettings& socket : settings)
    chosen.push_back(take_first(passed, [&socket](const PassedDescriptor& candidate) {
      return !socket.passed_name.empty() && candidate.name == socket.passed_name;
    }));
  return chosen;
}

}  // namespace

Result<ListeningSocket> ListeningSocket::bind(const SocketSettings& settings) {
  auto descriptor = TRY(new_socket());
  ListeningSocket made(std::move(descriptor), settings.path, settings);
  TRY(made.take_path(settings));
  TRY(set_owner_and_mode(settings));
  // Until now every connect() was refused, whatever the mode.
  if (::listen(made.descriptor(), kBacklog) != 0)
    return std::unexpected(system_error(fmt::format("listening at '{}'", settings.path)));
  return made;
}

Result<> ListeningSocket::take_path(const SocketSettings& settings) {
  auto address = TRY(address_of(settings.path));
  TRY(remove_stale_socket(address));
  if (const int code = connect_or_bind(::bind, descriptor(), address); code != 0)
    return std::unexpected(system_error(fmt::format("binding '{}'", settings.path), code));
  struct stat file{};
  if (::lstat(address.sun_path, &file) != 0)
    return std::unexpected(system_error(fmt::format("looking at '{}'", settings.path)));
  file_ = OwnFile{.device = file.st_dev, .inode = file.st_ino, .maker = ::getpid()};
  return {};
}

Result<ListeningSocket> ListeningSocket::adopt(PassedDescriptor passed,
                                               const SocketSettings& settings) {
  if (::sd_is_socket_unix(passed.descriptor.get(), SOCK_STREAM, /*listening=*/1, nullptr, 0) <= 0)
    return fail(
        Status::ConnectionError,
        fmt::format("passed descriptor '{}': not a listening Unix stream socket", passed.name));
  TRY(make_unblocking(passed.descriptor.get()));
  return ListeningSocket(std::move(passed.descriptor), std::move(passed.name), settings);
}

ListeningSocket::~ListeningSocket() {
  if (!descriptor_ || !file_ || file_->maker != ::getpid()) return;
  struct stat now{};
  if (::lstat(name_.c_str(), &now) != 0) return;
  if (now.st_dev != file_->device || now.st_ino != file_->inode) return;
  if (::unlink(name_.c_str()) != 0)
    log::warning("listener", "{}", system_error(fmt::format("removing '{}'", name_)).message());
}

Result<std::vector<ListeningSocket>> open_listening_sockets(
    const std::vector<SocketSettings>& settings, std::vector<PassedDescriptor> passed) {
  std::vector<std::optional<PassedDescriptor>> chosen = choose_by_name(settings, passed);
  std::vector<ListeningSocket> sockets;
  sockets.reserve(settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    std::optional<PassedDescriptor>& mine = chosen[i];
    if (!mine) mine = take_first(passed, &PassedDescriptor::is_unnamed);
    auto socket = TRY(mine ? ListeningSocket::adopt(std::move(*mine), settings[i])
                           : ListeningSocket::bind(settings[i]));
    sockets.push_back(std::move(socket));
  }
  if (!passed.empty())
    return fail(Status::ConnectionError,
                fmt::format("passed descriptor '{}': no configured socket has that name",
                            passed.front().name));
  return sockets;
}

}  // namespace strongroom
