#include "service/listener/listening_socket.h"

#include <algorithm>
#include <atomic>
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

std::uint64_t next_number() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

ListeningSocket::ListeningSocket(std::shared_ptr<const Open> open, std::string name,
                                 const SocketSettings& settings)
    : open_(std::move(open)),
      name_(std::move(name)),
      is_admin_(settings.is_admin),
      tenant_(settings.tenant),
      number_(next_number()) {}

Result<ListeningSocket> ListeningSocket::bind(const SocketSettings& settings) {
  auto descriptor = TRY(new_socket());
  auto open = std::make_shared<Open>(std::move(descriptor));
  TRY(open->take_path(settings.path));
  TRY(set_owner_and_mode(settings));
  // Until now every connect() was refused, whatever the mode.
  if (::listen(open->descriptor.get(), kBacklog) != 0)
    return std::unexpected(system_error(fmt::format("listening at '{}'", settings.path)));
  return ListeningSocket(std::move(open), settings.path, settings);
}

Result<> ListeningSocket::Open::take_path(const std::string& wanted) {
  auto address = TRY(address_of(wanted));
  TRY(remove_stale_socket(address));
  if (const int code = connect_or_bind(::bind, descriptor.get(), address); code != 0)
    return std::unexpected(system_error(fmt::format("binding '{}'", wanted), code));
  struct stat made{};
  if (::lstat(address.sun_path, &made) != 0)
    return std::unexpected(system_error(fmt::format("looking at '{}'", wanted)));
  path = wanted;
  file = OwnFile{.device = made.st_dev, .inode = made.st_ino, .maker = ::getpid()};
  return {};
}

bool ListeningSocket::Open::has_file() const {
  if (!file || file->maker != ::getpid()) return false;
  struct stat now{};
  return ::lstat(path.c_str(), &now) == 0 && now.st_dev == file->device &&
         now.st_ino == file->inode;
}

void ListeningSocket::Open::remove_file() const {
  if (has_file() && ::unlink(path.c_str()) != 0)
    log::warning("listener", "{}", system_error(fmt::format("removing '{}'", path)).message());
}

ListeningSocket ListeningSocket::serving(const SocketSettings& settings) const {
  return {open_, name_, settings};
}

Result<> ListeningSocket::permit(const SocketSettings& before, const SocketSettings& now) const {
  const bool is_given = before.owner != now.owner || before.group != now.group;
  if (is_passed() || (!is_given && before.mode == now.mode)) return {};
  if (!open_->has_file())
    return fail(Status::ConnectionError,
                fmt::format("giving '{}' another mode: it is not the daemon's any more", name_));
  SocketSettings wanted = now;
  if (before.owner && !now.owner) wanted.owner = ::geteuid();
  if (before.group && !now.group) wanted.group = ::getegid();
  // In between nobody may do what neither lets them.
  if (is_given && ::chmod(open_->path.c_str(), before.mode & now.mode) != 0)
    return std::unexpected(system_error(fmt::format("giving '{}' its mode", name_)));
  return set_owner_and_mode(wanted);
}

void ListeningSocket::hide() const {
  open_->remove_file();
}

Result<ListeningSocket> ListeningSocket::adopt(PassedDescriptor passed,
                                               const SocketSettings& settings) {
  if (::sd_is_socket_unix(passed.descriptor.get(), SOCK_STREAM, /*listening=*/1, nullptr, 0) <= 0)
    return fail(
        Status::ConnectionError,
        fmt::format("passed descriptor '{}': not a listening Unix stream socket", passed.name));
  TRY(make_unblocking(passed.descriptor.get()));
  return ListeningSocket(std::make_shared<Open>(std::move(passed.descriptor)),
                         std::move(passed.name), settings);
}

}  // namespace strongroom
