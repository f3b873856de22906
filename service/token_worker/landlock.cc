#include "service/token_worker/landlock.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/unique_fd.h"

namespace strongroom::landlock {
namespace {

namespace fs = std::filesystem;

// Of ABI 7; the headers of Debian 12 are of ABI 2. A kernel takes a longer structure whose unknown
// part is zero.
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};
constexpr std::uint64_t kTruncate = 1ULL << 14U;
constexpr std::uint64_t kIoctlDevice = 1ULL << 15U;
constexpr std::uint64_t kBindTcp = 1;
constexpr std::uint64_t kTcp = kBindTcp | 2;   // and connect
constexpr std::uint64_t kAbstractSockets = 1;  // to other processes
constexpr std::uint64_t kSignals = 2;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kAllFiles = (1ULL << 13U) - 1;  // of ABI 1
constexpr std::uint64_t kOfFiles = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_READ_FILE | kTruncate | kIoctlDevice;

std::unexpected<Error> failed(std::string_view what) {
  return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", what, errno_text()));
}

RulesetAttributes attributes_of(int version, bool may_use_network) {
  RulesetAttributes attributes{.files = kAllFiles, .network = 0, .scoped = 0};
  if (version >= 2) attributes.files |= LANDLOCK_ACCESS_FS_REFER;
  if (version >= 3) attributes.files |= kTruncate;
  if (version >= 4) attributes.network = may_use_network ? kBindTcp : kTcp;
  if (version >= 5) attributes.files |= kIoctlDevice;
  if (version >= 6) attributes.scoped = kAbstractSockets | kSignals;
  return attributes;
}

Result<> add(int ruleset, const Rule& rule, std::uint64_t handled) {
  UniqueFd place(::open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return {};
  struct stat status{};
  if (::fstat(place.get(), &status) != 0) return failed("fstat");
  std::uint64_t access = rule.use == Use::Read ? kRead : handled & ~LANDLOCK_ACCESS_FS_EXECUTE;
  if (!S_ISDIR(status.st_mode)) access &= kOfFiles;
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = access;
  beneath.parent_fd = place.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
    return failed("landlock_add_rule: " + rule.path);
  return {};
}

// What came with each ABI (landlock(7)).
struct Step {
  int abi;
  std::string_view adds;
};
constexpr Step kSteps[] = {
    {3, "truncating files"},
    {4, "TCP"},
    {5, "requests to devices"},
    {6, "signals and abstract sockets"},
};

}  // namespace

int abi() {
  long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : static_cast<int>(version);
}

Result<> require(int abi) {
  if (abi > 0) return {};
  return fail(Status::PsaErrorNotPermitted,
              "the kernel has no Landlock, without which token workers may reach the files of the "
              "service; 'strict = false' in [service] would allow it");
}

std::string lacking(int abi) {
  if (abi <= 0) return "the kernel has no Landlock: token workers may reach files of others";
  std::vector<std::string_view> list;
  for (const Step& step : kSteps)
    if (abi < step.abi) list.push_back(step.adds);
  if (list.empty()) return {};
  return fmt::format(
      "the kernel's Landlock (ABI {}) does not decide about {}: of token workers "
      "the filter of system calls alone refuses what they need none of",
      abi, fmt::join(list, ", "));
}

Result<> restrict_to(const std::vector<Rule>& rules, bool may_use_network, int abi) {
  if (abi <= 0) return {};
  const RulesetAttributes attributes = attributes_of(abi, may_use_network);
  UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return failed("landlock_create_ruleset");
  for (const Rule& rule : rules)
    TRY(add(ruleset.get(), rule, attributes.files));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return failed("landlock_restrict_self");
  return {};
}

namespace {

bool is_within(const fs::path& path, const fs::path& place) {
  return std::mismatch(place.begin(), place.end(), path.begin(), path.end()).first == place.end();
}

void collect(const fs::path& path, const std::vector<fs::path>& hidden,
             std::vector<std::string>& found) {
  std::error_code failure;
  bool is_above = false;
  for (const fs::path& place : hidden) {
    if (is_within(path, place)) return;
    is_above = is_above || is_within(place, path);
  }
  if (!is_above) {
    found.push_back(path);
    return;
  }
  // What a link leads to is an entry of its own, or was not below the path in the first place.
  for (fs::directory_iterator each(path, failure), end; !failure && each != end;
       each.increment(failure)) {
    std::error_code unknown;
    if (!each->is_symlink(unknown) && !unknown) collect(each->path(), hidden, found);
  }
}

std::vector<fs::path> canonical(const std::vector<std::string>& paths) {
  std::vector<fs::path> result;
  std::error_code failure;
  for (const std::string& each : paths)
    result.push_back(fs::weakly_canonical(each, failure));
  return result;
}

}  // namespace

bool touches(const std::string& path, const std::vector<std::string>& hidden) {
  std::error_code failure;
  const fs::path opened = fs::weakly_canonical(path, failure);
  return std::ranges::any_of(canonical(hidden), [&](const fs::path& place) {
    return is_within(opened, place) || is_within(place, opened);
  });
}

std::vector<std::string> without(const std::string& path, const std::vector<std::string>& hidden) {
  std::error_code failure;
  std::vector<std::string> found;
  collect(fs::weakly_canonical(path, failure), canonical(hidden), found);
  return found;
}

}  // namespace strongroom::landlock
