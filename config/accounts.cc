#include "config/accounts.h"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <grp.h>
#include <limits>
#include <pwd.h>
#include <vector>

namespace strongroom::config {
namespace {

// The highest number means "unchanged" to chown(2) and "none" elsewhere.
std::optional<std::uint32_t> as_number(const std::string& name) {
  std::uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || rest != end || name.empty()) return std::nullopt;
  if (number == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return number;
}

// getpwnam_r and getgrnam_r differ in the record only. A failed lookup counts as "nobody".
template <typename Record, typename Lookup>
std::optional<Record> look_up(const std::string& name, Lookup lookup, std::vector<char>& strings) {
  constexpr std::size_t kLargestEntry = 16ULL * 1024 * 1024;
  for (strings.resize(4096); strings.size() <= kLargestEntry; strings.resize(strings.size() * 4)) {
    Record record{};
    Record* found = nullptr;
    const int code = lookup(name.c_str(), &record, strings.data(), strings.size(), &found);
    if (code == ERANGE) continue;
    if (code != 0 || found == nullptr) return std::nullopt;
    return record;
  }
  return std::nullopt;
}

std::optional<uid_t> system_uid(const std::string& name) {
  std::vector<char> strings;
  if (const auto entry = look_up<passwd>(name, getpwnam_r, strings)) return entry->pw_uid;
  return as_number(name);
}

std::optional<gid_t> system_gid(const std::string& name) {
  std::vector<char> strings;
  if (const auto entry = look_up<group>(name, getgrnam_r, strings)) return entry->gr_gid;
  return as_number(name);
}

}  // namespace

Accounts system_accounts() {
  return {.uid_of = system_uid, .gid_of = system_gid};
}

}  // namespace strongroom::config
