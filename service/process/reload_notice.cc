#include "service/process/reload_notice.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <poll.h>
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

std::unexpected<Error> failed(std::string text) {
  return fail(Status::PsaErrorGenericError, std::move(text));
}

// Empty where the service manager keeps none.
std::filesystem::path place() {
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  if (directory == nullptr || *directory == '\0') return {};
  return std::filesystem::path(directory) / "reload";
}

std::string as_text(const ReloadNotice& outcome) {
  return fmt::format("{} {} {}", outcome.begun.count(), outcome.is_applied ? kApplied : kRefused,
                     outcome.message);
}

std::optional<ReloadNotice> read_outcome(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::chrono::nanoseconds::rep begun = 0;
  std::string word;
  if (!(file >> begun >> word) || (word != kApplied && word != kRefused)) return std::nullopt;
  file.ignore();  // the space
  return ReloadNotice{.begun = std::chrono::nanoseconds(begun),
                      .is_applied = word == kApplied,
                      .message = std::string(std::istreambuf_iterator<char>(file), {})};
}

// Whether the process ends before it is time to look again.
Result<bool> ends_soon(const UniqueFd& process) {
  pollfd entry{.fd = process.get(), .events = POLLIN, .revents = 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(kGlance.count()));
  if (ready < 0 && errno != EINTR) return failed(fmt::format("poll: {}", errno_text()));
  return ready > 0;
}

}  // namespace

// Renamed into its place, so that it is seen as a whole.
void publish(const ReloadNotice& outcome) {
  const std::filesystem::path path = place();
  if (path.empty()) return;
  const std::filesystem::path draft = path.string() + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << as_text(outcome);
  file.close();
  std::error_code code;
  if (file) std::filesystem::rename(draft, path, code);
  if (!file || code)
    log::warning("process", "writing '{}', where a reload is waited for: {}", path.string(),
                 code ? code.message() : "failed");
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
    const std::optional<ReloadNotice> outcome = read_outcome(path);
    if (outcome && outcome->begun >= asked.time_since_epoch()) {
      if (outcome->is_applied) return outcome->message;
      return fail(Status::PsaErrorNotPermitted, outcome->message);
    }
    const bool has_ended = TRY(ends_soon(process));
    if (has_ended) return failed(fmt::format("process {} has ended", daemon));
  }
  return failed(fmt::format("process {} has not answered within {} ms", daemon, patience.count()));
}

}  // namespace strongroom
