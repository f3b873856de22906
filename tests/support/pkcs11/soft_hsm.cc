#include "tests/support/pkcs11/soft_hsm.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

namespace strongroom::testing {
namespace {

constexpr const char* kVariable = "SOFTHSM2_CONF";
constexpr std::array kModules = {
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
};
constexpr const char* kTool = "/usr/bin/softhsm2-util";

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "{}: errno {}\n", what, errno);
  std::abort();
}

void run(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t silence{};
  ::posix_spawn_file_actions_init(&silence);
  ::posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  int failed = ::posix_spawn(&process, argv[0], &silence, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&silence);
  int status = 0;
  if (failed != 0 || ::waitpid(process, &status, 0) != process || status != 0) give_up(words[0]);
}

}  // namespace

std::string why_no_soft_hsm() {
  if (SoftHsm::module().empty() || ::access(kTool, X_OK) != 0) return "SoftHSM is not installed";
  return {};
}

CK_FUNCTION_LIST* list_of_softhsm() {
  void* file = ::dlopen(SoftHsm::module().c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = file == nullptr ? nullptr : ::dlsym(file, "C_GetFunctionList");
  CK_FUNCTION_LIST* list = nullptr;
  if (symbol != nullptr) reinterpret_cast<CK_C_GetFunctionList>(symbol)(&list);
  return list;
}

SoftHsm::SoftHsm() {
  std::ofstream(directory_ / "softhsm2.conf")
      << "directories.tokendir = " << tokens() << "\nlog.level = ERROR\n";
  std::filesystem::create_directory(tokens());
  std::ofstream(pin_file()) << kPin;
  ::chmod(pin_file().c_str(), S_IRUSR | S_IWUSR);
  if (const char* before = ::getenv(kVariable)) before_ = before;
  use();
  add_token(kLabel);
}

SoftHsm::~SoftHsm() {
  if (before_)
    ::setenv(kVariable, before_->c_str(), 1);
  else
    ::unsetenv(kVariable);
}

void SoftHsm::give_to(uid_t user) const {
  const std::filesystem::path top = directory_.path();
  if (::chown(top.c_str(), user, user) != 0) give_up("chown");
  for (const auto& each : std::filesystem::recursive_directory_iterator(top))
    if (::chown(each.path().c_str(), user, user) != 0) give_up("chown");
}

std::string SoftHsm::module() {
  for (const char* path : kModules)
    if (::access(path, R_OK) == 0) return path;
  return {};
}

std::string SoftHsm::uri(const std::string& module) {
  return fmt::format("pkcs11:token={}?module-path={}", kLabel, module);
}

void SoftHsm::use() const {
  ::setenv(kVariable, configuration().c_str(), 1);
}

void SoftHsm::add_token(const std::string& label) {
  run({kTool, "--init-token", "--free", "--label", label, "--pin", kPin, "--so-pin", "31415926"});
}

void SoftHsm::take_away() {
  std::filesystem::rename(tokens(), directory_ / "elsewhere");
  std::filesystem::create_directory(tokens());
}

void SoftHsm::put_back() {
  std::filesystem::remove_all(tokens());
  std::filesystem::rename(directory_ / "elsewhere", tokens());
}

void SoftHsm::replace() {
  std::filesystem::remove_all(tokens());
  std::filesystem::create_directory(tokens());
  add_token(kLabel);
}

// In memory where there is room for it: each change of an object is a file.
std::string SoftHsm::place() {
  constexpr const char* kMemory = "/dev/shm";
  return ::access(kMemory, W_OK) == 0 ? kMemory : "/var/tmp";
}

}  // namespace strongroom::testing
