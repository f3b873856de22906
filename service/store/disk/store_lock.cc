#include "service/store/disk/store_lock.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

// Digits alone: the text goes into a log line.
std::string holder_of(int fd) {
  std::array<char, 16> text{};
  ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  std::string pid;
  for (ssize_t i = 0; i < size; ++i) {
    char letter = text.at(static_cast<std::size_t>(i));
    if (std::isdigit(static_cast<unsigned char>(letter)) == 0) break;
    pid += letter;
  }
  return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& database) {
  std::string path = database + ".lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd)
    return fail(Status::KeyInfoManagerError, fmt::format("open '{}': {}", path, errno_text()));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    int code = errno;
    if (code == EWOULDBLOCK)
      return fail(Status::KeyInfoManagerError,
                  fmt::format("store '{}': in use by {}, which has to be stopped first", database,
                              holder_of(fd.get())));
    return fail(Status::KeyInfoManagerError, fmt::format("flock '{}': {}", path, errno_text(code)));
  }
  // The pid is for people: a full disk does not keep the lock from being held.
  std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) == 0) std::ignore = ::pwrite(fd.get(), pid.data(), pid.size(), 0);
  return StoreLock(std::move(fd));
}

}  // namespace strongroom
