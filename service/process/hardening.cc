#include "service/process/hardening.h"

#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/errno_text.h"
#include "base/log.h"

namespace strongroom {
namespace {

std::unexpected<Error> failed(std::string_view call) {
  return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", call, errno_text()));
}

// RLIM_INFINITY as people read it.
std::string as_text(rlim_t limit) {
  return limit == RLIM_INFINITY ? "unlimited" : fmt::format("{} KiB", limit / 1024);
}

// capabilities(7), CAP_IPC_LOCK.
bool may_lock_without_limit() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)) != 0;
}

Result<bool> lock_memory_as_told(bool is_required) {
  const bool is_locked = TRY(lock_memory());
  if (is_locked) return true;
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return failed("getrlimit(RLIMIT_MEMLOCK)");
  const std::string cause =
      fmt::format("RLIMIT_MEMLOCK is {} and has to be unlimited", as_text(limit.rlim_max));
  if (is_required)
    return fail(Status::PsaErrorGenericError,
                fmt::format("locking memory: {}; 'require_locked_memory = false' in [service] "
                            "would go on without",
                            cause));
  log::warning("process", "memory is not locked and may be swapped: {}", cause);
  return false;
}

}  // namespace

Result<> ignore_broken_pipes() {
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return failed("signal(SIGPIPE)");
  return {};
}

Result<> occupy_standard_streams() {
  while (true) {
    // The lowest free number, and open for programs that are executed from here as the others are.
    const int descriptor = open("/dev/null", O_RDWR);
    if (descriptor < 0) return failed("open /dev/null");
    if (descriptor <= STDERR_FILENO) continue;
    close(descriptor);
    return {};
  }
}

Result<> refuse_root() {
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  if (getresuid(&real, &effective, &saved) != 0) return failed("getresuid");
  if (real != 0 && effective != 0 && saved != 0) return {};
  return fail(Status::PsaErrorGenericError,
              "running as root is refused: start the service as a user of its own; 'strict = "
              "false' and 'allow_root = true' in [service] would allow it");
}

Result<> forbid_core_dumps() {
  constexpr rlimit kNone{.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &kNone) != 0) return failed("setrlimit(RLIMIT_CORE)");
  return {};
}

Result<> forbid_inspection() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  log::warning("process", "memory can be inspected, because this build is instrumented");
#else
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("prctl(PR_SET_DUMPABLE)");
#endif
  return {};
}

void keep_new_files_private() {
  umask(077);
}

Result<bool> lock_memory() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return failed("getrlimit(RLIMIT_MEMLOCK)");
  if (limit.rlim_max == RLIM_INFINITY) {
    limit.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return failed("setrlimit(RLIMIT_MEMLOCK)");
  } else if (!may_lock_without_limit()) {
    return false;
  }
  // On fault: pages are locked as they are first used, not all of every stack at once.
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return failed("mlockall");
  return true;
}

Result<> create_secure_heap() {
  constexpr std::size_t kSmallestBlock = 32;
  const int code = CRYPTO_secure_malloc_init(kSecureHeapBytes, kSmallestBlock);
  if (code == 0)
    return fail(Status::PsaErrorGenericError,
                fmt::format("CRYPTO_secure_malloc_init: {} bytes", kSecureHeapBytes));
  // 2: it is there, but could not be protected in every way.
  if (code != 1) log::warning("process", "the heap for secrets is not locked and may be swapped");
  return {};
}

Result<> forbid_new_privileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

Result<bool> harden(const HardeningSettings& settings) {
  if (!settings.allow_root) TRY(refuse_root());
  TRY(forbid_core_dumps());
  TRY(forbid_inspection());
  keep_new_files_private();
  const bool is_locked = TRY(lock_memory_as_told(settings.require_locked_memory));
  TRY(create_secure_heap());
  TRY(forbid_new_privileges());
  return is_locked;
}

}  // namespace strongroom
