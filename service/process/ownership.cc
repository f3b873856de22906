#include "service/process/ownership.h"

#include <array>
#include <filesystem>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

std::unexpected<Error> failed(std::string_view call) {
  return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", call, errno_text()));
}

// The user's groups: one of them may be that of a device. Of a number that is no user, the group of
// the directory.
Result<> become(uid_t user, gid_t group) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  const int code = ::getpwuid_r(user, &entry, room.data(), room.size(), &found);
  if (code == 0 && found != nullptr) group = entry.pw_gid;
  const int grouped =
      found != nullptr ? ::initgroups(entry.pw_name, group) : ::setgroups(0, nullptr);
  if (grouped != 0) return failed("setgroups");
  if (::setresgid(group, group, group) != 0) return failed("setresgid");
  if (::setresuid(user, user, user) != 0) return failed("setresuid");
  return {};
}

}  // namespace

Result<> become_owner_beside(const std::string& file) {
  if (::geteuid() != 0) return {};
  const std::filesystem::path directory = std::filesystem::path(file).parent_path();
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0)
    return fail(Status::PsaErrorGenericError,
                fmt::format("stat '{}': {}", directory.string(), errno_text()));
  if (status.st_uid == 0) return {};
  constexpr rlimit kUnlimited{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  // Where even root may not, harden() says what that means.
  std::ignore = ::setrlimit(RLIMIT_MEMLOCK, &kUnlimited);
  return become(status.st_uid, status.st_gid);
}

}  // namespace strongroom
