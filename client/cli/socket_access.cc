#include "client/cli/socket_access.h"

#include <algorithm>
#include <array>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::string_view kAdminGroup = "strongroom-admin";

std::optional<std::string> group_named(gid_t gid) {
  std::array<char, 4096> memory;
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(gid, &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return std::string(found->gr_name);
}

std::string group_name(gid_t gid) {
  return visible(group_named(gid).value_or(fmt::format("{}", gid)));
}

std::string own_name() {
  std::array<char, 4096> memory;
  passwd entry{};
  passwd* found = nullptr;
  uid_t uid = ::geteuid();
  if (::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return fmt::format("{}", uid);
  return visible(found->pw_name);
}

std::vector<gid_t> own_groups() {
  int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 0)));
  count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  if (std::ranges::find(groups, ::getegid()) == groups.end())
    groups.insert(groups.begin(), ::getegid());
  return groups;
}

std::string own_group_names() {
  std::string names;
  for (gid_t gid : own_groups())
    names += (names.empty() ? "" : ", ") + group_name(gid);
  return names;
}

std::string joining(std::string_view group) {
  return fmt::format("run `sudo usermod -aG {} {}` and log in again", group, own_name());
}

}  // namespace

std::string access_advice(const std::string& socket_path) {
  struct stat status{};
  if (::stat(socket_path.c_str(), &status) != 0)
    return "a directory on the way may not be searched by you; you are in: " + own_group_names();
  std::string what = fmt::format("the socket is {:04o} {}; you are in: {}", status.st_mode & 07777,
                                 group_name(status.st_gid), own_group_names());
  std::optional<std::string> group = group_named(status.st_gid);
  bool group_may = (status.st_mode & 0060) == 0060;
  if (!group_may || !group) return what + "; ask an administrator for another mode or group";
  return what + "; " + joining(visible(*group));
}

std::string admin_advice(const std::string& socket_path) {
  if (socket_path == kAdminSocket)
    return fmt::format("you are in: {}; {}, or stand in [admin] of the configuration",
                       own_group_names(), joining(kAdminGroup));
  return fmt::format(
      "administration has a socket of its own, --socket {} unless configured otherwise, and is for "
      "group {} and whoever stands in [admin]",
      kAdminSocket, kAdminGroup);
}

}  // namespace strongroom::cli
