#include "tests/support/tpm/sw_tpm.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "{}: errno {}\n", what, errno);
  std::abort();
}

std::string found_swtpm() {
  const char* path = ::secure_getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin" : path;
  while (!rest.empty()) {
    std::string program = fmt::format("{}/swtpm", rest.substr(0, rest.find(':')));
    // Its libraries are in a folder of the same name.
    if (std::filesystem::is_regular_file(program) && ::access(program.c_str(), X_OK) == 0)
      return program;
    rest.remove_prefix(std::min(rest.find(':'), rest.size() - 1) + 1);
  }
  return {};
}

UniqueFd connected_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    fd.reset();
  return fd;
}

pid_t spawn(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words)
    argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) give_up("fork");
  if (child > 0) return child;
  // It tells of each connection.
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::getppid() == parent &&
      ::dup2(nowhere, STDOUT_FILENO) >= 0 && ::dup2(nowhere, STDERR_FILENO) >= 0)
    ::execv(argv.front(), argv.data());
  ::_exit(126);
}

}  // namespace

std::string why_no_sw_tpm() {
  return found_swtpm().empty() ? "needs swtpm" : "";
}

std::string SwTpm::place() {
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/var/tmp";
}

SwTpm::SwTpm() {
  start();
}

SwTpm::~SwTpm() {
  kill();
}

void SwTpm::start() {
  std::string state = directory_ / "state";
  std::filesystem::create_directory(state);
  ::unlink(socket().c_str());
  ::unlink((socket() + ".ctrl").c_str());
  const std::vector<std::string> words = {found_swtpm(),
                                          "socket",
                                          "--tpm2",
                                          "--tpmstate",
                                          "dir=" + state,
                                          "--server",
                                          fmt::format("type=unixio,path={}", socket()),
                                          "--ctrl",
                                          fmt::format("type=unixio,path={}.ctrl", socket()),
                                          "--flags",
                                          "not-need-init,startup-clear"};
  process_ = spawn(words);
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!is_listening()) {
    if (std::chrono::steady_clock::now() > deadline) give_up("swtpm does not listen");
    std::this_thread::sleep_for(2ms);
    // On a machine that is short of everything it may end before it has begun.
    if (::waitpid(process_, nullptr, WNOHANG) == process_) process_ = spawn(words);
  }
}

// The data socket is not tried: swtpm serves one connection after the other. Once
// CMD_GET_CAPABILITY is answered on its control channel, both sockets are beyond listen(2).
bool SwTpm::is_listening() const {
  UniqueFd control = connected_to(socket() + ".ctrl");
  constexpr std::array<unsigned char, 4> kGetCapability = {0, 0, 0, 1};
  std::array<unsigned char, 16> result{};
  return control &&
         ::send(control.get(), kGetCapability.data(), kGetCapability.size(), MSG_NOSIGNAL) ==
             std::ssize(kGetCapability) &&
         ::read(control.get(), result.data(), result.size()) > 0;
}

void SwTpm::kill() {
  if (process_ == 0) return;
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

// CMD_INIT of swtpm's control channel, without flags.
void SwTpm::reset() {
  UniqueFd control = connected_to(socket() + ".ctrl");
  constexpr std::array<unsigned char, 8> kInit = {0, 0, 0, 2, 0, 0, 0, 0};
  std::array<unsigned char, 4> result{1};
  if (!control || ::write(control.get(), kInit.data(), kInit.size()) != std::ssize(kInit) ||
      ::read(control.get(), result.data(), result.size()) != std::ssize(result) || result[3] != 0)
    give_up("resetting swtpm");
}

void SwTpm::replace() {
  kill();
  std::filesystem::remove_all(directory_ / "state");
  start();
}

void SwTpm::freeze() {
  ::kill(process_, SIGSTOP);
}

void SwTpm::thaw() {
  ::kill(process_, SIGCONT);
}

}  // namespace strongroom::testing
