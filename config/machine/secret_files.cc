#include "config/machine/secret_files.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace strongroom::config {
namespace {

using Kind = SecretSource::Kind;

constexpr mode_t kNotTheOwner = 077;

std::string unfit_content(const struct stat& file, Kind kind) {
  if (!S_ISREG(file.st_mode)) return "is not a regular file";
  if (kind == Kind::File && (file.st_mode & kNotTheOwner) != 0)
    return fmt::format("mode {:04o} lets others in, want 0600", file.st_mode & 07777U);
  return {};
}

}  // namespace

std::string unfit_secret(const struct stat& file, Kind kind) {
  if (S_ISREG(file.st_mode) && file.st_uid != 0 && file.st_uid != geteuid())
    return fmt::format("belongs to uid {}, neither to us nor to root", file.st_uid);
  return unfit_content(file, kind);
}

std::string unfit_secret_file(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == EACCES) return {};
  if (!file) return std::generic_category().message(errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return std::generic_category().message(errno);
  if (S_ISREG(status.st_mode) && status.st_size == 0) return "is empty";
  if (status.st_size > static_cast<off_t>(kLongestSecret))
    return fmt::format("holds more than {} bytes", kLongestSecret);
  return geteuid() == 0 ? unfit_content(status, Kind::File) : unfit_secret(status, Kind::File);
}

}  // namespace strongroom::config
