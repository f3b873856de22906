#include "service/process/reload_notice.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <poll.h>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace strongroom {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kApplied = "applied";
constexpr std::string_view kRefused = "refused";
constexpr milliseconds kGlance{20};
// RuntimeDirectory= of systemd/strongroom.service.in.
constexpr std::string_view kOwnDirectory = "/strongroom/daemon";

std::unexpected<Error> failed(std::string text) {
  return fail(Status::PsaErrorGenericError, std::move(text));
}

// Of directories with colons between them, in whatever order: the one that the unit names; the
// first where none is that.
std::string_view own_of(std::string_view directories) {
  for (std::string_view rest = directories; !rest.empty();) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    if (directory.ends_with(kOwnDirectory)) return directory;
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
  }
  return directories.substr(0, directories.find(':'));
}

// Empty where the service manager keeps none.
std::filesystem::path place() {
  const char* directories = std::getenv("RUNTIME_DIRECTORY");
  if (directories == nullptr || *directories == '\0') return {};
  return std::filesystem::path(own_of(directories)) / "reload";
}

std::string as_text(const ReloadNotice& notice) {
  return fmt::format("{} {} {}", notice.begun.count(), notice.is_applied ? kApplied : kRefused,
                     notice.message);
}

std::optional<ReloadNotice> read_notice(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::chrono::nanoseconds::rep begun = 0;
  std::string word;
  if (!(file >> begun >> word) || (word != kApplied && word != kRefused)) return std::nullopt;
  file.ignore();  // the space
  return ReloadNotice{.begun = std::chrono::nanoseconds(begun),
                      .is_applied = word == kApplied,
                      .message = std::string(std::istreambuf_iterator<char>(file), {})};
}

Result<> write_new(const std::filesystem::path& path, std::string_view text) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return failed(fmt::format("open '{}': {}", path.string(), errno_text()));
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(fmt::format("write: {}", errno_text()));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Renamed into its place, so that it is seen as a whole.
Result<> replace(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path draft = path.string() + ".new";
  // Of a daemon that was killed while it wrote.
  if (::unlink(draft.c_str()) != 0 && errno != ENOENT)
    return failed(fmt::format("unlink '{}': {}", draft.string(), errno_text()));
  TRY(write_new(draft, text));
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return failed(fmt::format("rename: {}", errno_text()));
  return {};
}

// Whether the process ends before it is time to look again.
Result<bool> ends_soon(const UniqueFd& process) {
  pollfd entry{.fd = process.get(), .events = POLLIN, .revents = 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(kGlance.count()));
  if (ready < 0 && errno != EINTR) return failed(fmt::format("poll: {}", errno_text()));
  return ready > 0;
}

}  // namespace

void publish_reload_notice(const ReloadNotice& notice) {
  const std::filesystem::path path = place();
  if (path.empty()) return;
  if (Result<> written = replace(path, as_text(notice)); !written)
    log::warning("process", "writing '{}', where a reload is waited for: {}", path.string(),
                 written.error().message());
}

Result<std::string> ask_for_reload(pid_t daemon, milliseconds patience) {
  const std::filesystem::path path = place();
  if (path.empty())
    return failed("RUNTIME_DIRECTORY is not set: only the service manager can ask this way");
  // <sys/pidfd.h> of glibc 2.36 cannot be used from C++.
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, daemon, 0)));
  if (!process) return failed(fmt::format("process {}: {}", daemon, errno_text()));
  const Clock::time_point asked = Clock::now();
  if (::syscall(SYS_pidfd_send_signal, process.get(), SIGHUP, nullptr, 0) != 0)
    return failed(fmt::format("sending SIGHUP to process {}: {}", daemon, errno_text()));
  while (Clock::now() < asked + patience) {
    const std::optional<ReloadNotice> notice = read_notice(path);
    if (notice && notice->begun >= asked.time_since_epoch()) {
      if (notice->is_applied) return notice->message;
      return fail(Status::PsaErrorNotPermitted, notice->message);
    }
    const bool has_ended = TRY(ends_soon(process));
    if (has_ended) return failed(fmt::format("process {} has ended", daemon));
  }
  return failed(fmt::format("process {} has not answered within {} ms", daemon, patience.count()));
}

}  // namespace strongroom
