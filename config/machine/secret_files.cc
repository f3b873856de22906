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

std::string unfit_file(const struct stat& file) {
  if (S_ISREG(file.st_mode) && file.st_size == 0) return "is empty";
  if (file.st_size > static_cast<off_t>(kLongestSecret))
    return fmt::format("holds more than {} bytes", kLongestSecret);
  return geteuid() == 0 ? unfit_content(file, Kind::File) : unfit_secret(file, Kind::File);
}

}  // namespace

std::string unfit_secret(const struct stat& file, Kind kind) {
  if (S_ISREG(file.st_mode) && file.st_uid != 0 && file.st_uid != geteuid())
    return fmt::format("belongs to uid {}, neither to us nor to root", file.st_uid);
  return unfit_content(file, kind);
}

SecretFile look_at_secret_file(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == EACCES)
    return {.unfit = {}, .doubt = "this user may not read it; the service's has to"};
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0)
    return {.unfit = std::generic_category().message(errno), .doubt = {}};
  return {.unfit = unfit_file(status), .doubt = {}};
}

}  // namespace strongroom::config
