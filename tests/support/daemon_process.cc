#include "tests/support/daemon_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <linux/close_range.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kCannotStart = 126;

bool is_root() {
  return ::geteuid() == 0;
}

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "{}: errno {}\n", what, errno);
  std::abort();
}

// What stands between fork and exec; all that allocates was done before.
struct Spawn {
  std::vector<char*> argv;
  int output;
  std::optional<rlim_t> descriptors;
  pid_t parent;
};

bool prepare_child(const Spawn& spawn) {
  if (is_root() &&
      (::setgroups(0, nullptr) != 0 || ::setresgid(kDaemonUid, kDaemonUid, kDaemonUid) != 0 ||
       ::setresuid(kDaemonUid, kDaemonUid, kDaemonUid) != 0))
    return false;
  // After the change of user, which takes it back; it survives an exec.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || ::getppid() != spawn.parent) return false;
  if (::chdir("/") != 0) return false;
  if (::dup2(spawn.output, STDOUT_FILENO) < 0 || ::dup2(spawn.output, STDERR_FILENO) < 0)
    return false;
  if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return false;
  if (!spawn.descriptors) return true;
  const rlimit limit{.rlim_cur = *spawn.descriptors, .rlim_max = *spawn.descriptors};
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

pid_t start(const std::vector<std::string>& words, int output,
            std::optional<rlim_t> descriptors = {}) {
  Spawn spawn{.argv = {}, .output = output, .descriptors = descriptors, .parent = ::getpid()};
  for (const std::string& word : words)
    spawn.argv.push_back(const_cast<char*>(word.c_str()));
  spawn.argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) give_up("fork");
  if (child > 0) return child;
  if (prepare_child(spawn)) ::execvp(spawn.argv.front(), spawn.argv.data());
  ::_exit(kCannotStart);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) give_up("waitpid");
  return status;
}

std::string read_all(std::istream& stream) {
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return read_all(stream);
}

// The number behind `name` in /proc/PID/status.
pid_t status_field(pid_t process, const std::string& name) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stoi(line.substr(name.size()));
  return 0;
}

bool accepts_connections(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

// Not below TMPDIR when that is in memory only: what a disk does belongs to these tests.
DaemonPlace::DaemonPlace() {
  const char* chosen = ::secure_getenv("TMPDIR");
  root_ = fmt::format("{}/strongroom-fault-XXXXXX", chosen == nullptr ? "/var/tmp" : chosen);
  if (::mkdtemp(root_.data()) == nullptr || ::chmod(root_.c_str(), 0755) != 0) give_up(root_);
  // The daemon's user may not enter the build directory.
  std::filesystem::copy_file(STRONGROOMD, program());
  // Of a build with tokens; the daemon looks for it beside itself.
  const auto worker =
      std::filesystem::path(STRONGROOMD).replace_filename("strongroom-token-worker");
  if (std::filesystem::exists(worker))
    std::filesystem::copy_file(
        worker, std::filesystem::path(program()).replace_filename(worker.filename()));
  clear_state();
}

DaemonPlace::~DaemonPlace() {
  if (::testing::Test::HasFailure()) fmt::print("the daemon's log:\n{}\n", log_text());
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

void DaemonPlace::clear_state() const {
  std::filesystem::remove_all(state());
  if (::mkdir(state().c_str(), 0755) != 0 || ::chmod(state().c_str(), 0755) != 0) give_up(state());
  if (is_root() && ::chown(state().c_str(), kDaemonUid, kDaemonUid) != 0) give_up(state());
}

std::string DaemonPlace::log_text() const {
  return text_of(log());
}

Ended DaemonPlace::run(const std::vector<std::string>& words) const {
  UniqueFd output(::memfd_create("output", MFD_CLOEXEC));
  const int status = wait_for(start(words, output.get()));
  Ended ended;
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.output = text_of(fmt::format("/proc/self/fd/{}", output.get()));
  return ended;
}

Ended DaemonPlace::fsck(const std::vector<std::string>& more) const {
  std::vector<std::string> words{program(), "--standalone", state(), "--fsck"};
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

std::string DaemonPlace::sql(const std::string& statements) const {
  Ended ended = run({"sqlite3", "-batch", "-bail", file("keys.db"), statements});
  EXPECT_EQ(ended.exit_code, 0) << ended.output;
  return ended.output;
}

DaemonProcess::DaemonProcess(const DaemonPlace& place, DaemonOptions options) : place_(place) {
  std::vector<std::string> words = std::move(options.wrapper);
  if (options.configuration.empty())
    words.insert(words.end(), {place.program(), "--standalone", place.state()});
  else
    words.insert(words.end(), {place.program(), "--config", options.configuration});
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  UniqueFd log(::open(place.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) give_up(place.log());
  pid_ = start(words, log.get(), options.descriptors);
}

DaemonProcess::~DaemonProcess() {
  kill();
}

bool DaemonProcess::await_ready() {
  EXPECT_TRUE(
      eventually([this] { return has_ended() || accepts_connections(place_.socket()); }, 30s))
      << "the daemon neither listens nor ends";
  return !has_ended();
}

bool DaemonProcess::has_ended() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

void DaemonProcess::kill() {
  if (has_ended()) return;
  ::kill(pid_, SIGKILL);
  status_ = wait_for(pid_);
}

int DaemonProcess::stop() {
  if (!has_ended()) ::kill(pid_, SIGTERM);
  return await_end();
}

int DaemonProcess::await_end() {
  const int status = has_ended() ? status_.value_or(0) : wait_for(pid_);
  status_ = status;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// proc(5), /proc/pid/stat: utime and stime are the 12th and 13th field behind the name.
std::chrono::milliseconds DaemonProcess::processor_time() const {
  const std::string line = text_of(fmt::format("/proc/{}/stat", pid_));
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

void DaemonProcess::end_tracing() const {
  const pid_t tracer = status_field(pid_, "TracerPid:");
  ASSERT_GT(tracer, 0) << "nobody traces the daemon";
  ::kill(tracer, SIGTERM);
  EXPECT_TRUE(eventually([this] { return status_field(pid_, "TracerPid:") == 0; }));
}

// With -D the daemon is the child, and strace is a process beside it that ends with it.
std::vector<std::string> injecting(const std::string& injection) {
  const std::string call = injection.substr(0, injection.find(':'));
  std::vector<std::string> words{"strace", "-D", "-f", "-qq", "-I2", "-o", "/dev/null"};
#ifdef __SANITIZE_ADDRESS__
  // The leak sanitizer cannot work in a traced process.
  words.insert(words.end(), {"-E", "ASAN_OPTIONS=detect_leaks=0"});
#endif
  words.insert(words.end(), {"-e", "trace=" + call, "-e", "inject=" + injection});
  return words;
}

std::string why_no_injection(const DaemonPlace& place) {
  std::vector<std::string> words = injecting("getppid:error=EIO");
  words.emplace_back("true");
  Ended ended = place.run(words);
  if (ended.exit_code == 0) return {};
  if (ended.exit_code == kCannotStart) return "needs strace";
  return "needs a strace that may trace: " + ended.output;
}

}  // namespace strongroom::testing
