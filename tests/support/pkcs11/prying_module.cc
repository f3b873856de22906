// A PKCS#11 module that hands every call on to SoftHSM's, and tries what no module has to do when
// it is asked for random bytes: the answer tells how far it came, one byte for each attempt.
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <semaphore.h>
#include <string>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "tests/support/pkcs11/forwarding_module.h"
#include "tests/support/pkcs11/prying.h"

namespace strongroom::testing {
namespace {

// Where the test says that the service's are.
std::string place(const char* what) {
  const char* directory = ::getenv("PRYING_SERVICE");
  return std::string(directory == nullptr ? "/nowhere" : directory) + "/" + what;
}

bool opens(const std::string& path, int flags) {
  int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  ::close(descriptor);
  return true;
}

bool connects() {
  int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, place("socket").c_str(), sizeof address.sun_path - 1);
  bool is_there =
      socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (socket >= 0) ::close(socket);
  return is_there;
}

bool changes_mode() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return false;
  const bool is_changed = ::fchmod(ends[0], 0666) == 0;
  for (int end : ends)
    ::close(end);
  return is_changed;
}

bool makes_socket(int family, int type) {
  int socket = ::socket(family, type | SOCK_CLOEXEC, 0);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

// Would not return.
bool executes() {
  std::array<char*, 2> words{const_cast<char*>("/bin/true"), nullptr};
  ::execve("/bin/true", words.data(), nullptr);
  return errno != EPERM && errno != EACCES;
}

bool forks() {
  long pid = ::syscall(SYS_fork);
  if (pid == 0) ::_exit(0);
  if (pid > 0) ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return pid > 0;
}

bool try_it(Attempt attempt) {
  if (::getenv("PRYING_SERVICE") == nullptr) return true;  // a failure that would prove nothing
  switch (attempt) {
    case Attempt::ReadStore: return opens(place("state/keys.db"), O_RDONLY);
    case Attempt::WriteStore: return opens(place("state/new"), O_WRONLY | O_CREAT);
    case Attempt::ChangeModeOfStore: return ::chmod(place("state").c_str(), 0777) == 0;
    case Attempt::ChangeModeOfWhatIsOpen: return changes_mode();
    case Attempt::ReadConfiguration: return opens(place("strongroom.toml"), O_RDONLY);
    case Attempt::Connect: return connects();
    case Attempt::MakeNetworkSocket: return makes_socket(AF_INET, SOCK_STREAM);
    case Attempt::MakeRawSocket: return makes_socket(AF_PACKET, SOCK_RAW);
    case Attempt::Execute: return executes();
    case Attempt::Fork: return forks();
    case Attempt::Trace: return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0;
    case Attempt::ReadMemoryOfOthers:
      return opens("/proc/" + std::to_string(::getppid()) + "/environ", O_RDONLY);
    case Attempt::Signal: return ::kill(::getppid(), 0) == 0;
    case Attempt::BecomeDumpable: return ::syscall(SYS_prctl, 4, 1, 0, 0, 0) == 0;
    case Attempt::WriteToUsr: return opens("/usr/lib/strongroom-prying", O_WRONLY | O_CREAT);
    case Attempt::ReadToken: return opens("/etc/ld.so.cache", O_RDONLY);
    case Attempt::Count: break;
  }
  return false;
}

// One that was there before the worker had given up anything.
class EarlyThread {
 public:
  EarlyThread() {
    ::sem_init(&asked_, 0, 0);
    ::sem_init(&answered_, 0, 0);
    std::thread([this] {
      while (true) {
        ::sem_wait(&asked_);
        has_done_it_ = try_it(attempt_);
        ::sem_post(&answered_);
      }
    }).detach();
  }
  bool tries(Attempt attempt) {
    attempt_ = attempt;
    ::sem_post(&asked_);
    ::sem_wait(&answered_);
    return has_done_it_;
  }

 private:
  sem_t asked_{};
  sem_t answered_{};
  Attempt attempt_{};
  bool has_done_it_ = false;
};

// Takes memory while it is asked nothing.
void grow() {
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  static auto* const taken = new std::vector<char>(std::size_t{128} * 1024 * 1024, 'x');
  std::ignore = taken;
}

struct Module : ForwardingModule {
  EarlyThread* early = nullptr;
  // When it was initialized.
  std::array<bool, static_cast<std::size_t>(Attempt::Count)> at_first{};
};

Module& the_module() {
  static auto* const module = new Module;
  return *module;
}

CK_RV initialize(void* arguments) {
  Module& module = the_module();
  if (module.early == nullptr) {
    module.early = new EarlyThread;
    if (::getenv("PRYING_GROWS") != nullptr) std::thread(&grow).detach();
    for (std::size_t i = 0; i < module.at_first.size(); ++i)
      module.at_first[i] = try_it(static_cast<Attempt>(i));
  }
  return module.real->C_Initialize(arguments);
}

CK_RV generate_random(CK_SESSION_HANDLE, unsigned char* bytes, CK_ULONG count) {
  constexpr auto kAttempts = static_cast<CK_ULONG>(Attempt::Count);
  for (CK_ULONG i = 0; i < count; ++i) {
    const auto attempt = static_cast<Attempt>(i % kAttempts);
    bool has_done_it = the_module().at_first[i % kAttempts];
    if (i < kAttempts)
      has_done_it = try_it(attempt);
    else if (i < 2 * kAttempts)
      has_done_it = the_module().early->tries(attempt);
    bytes[i] = has_done_it ? 1 : 0;
  }
  return CKR_OK;
}

}  // namespace
}  // namespace strongroom::testing

extern "C" {

[[gnu::visibility("default")]] CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  using namespace strongroom::testing;
  return the_module().give_list(list, &C_GetFunctionList, [](CK_FUNCTION_LIST& own) {
    own.C_Initialize = &initialize;
    own.C_GenerateRandom = &generate_random;
  });
}
}
