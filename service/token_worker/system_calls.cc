#include "service/token_worker/system_calls.h"

#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <span>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

using token_worker::Sandbox;

// By name, so that one that this architecture or libseccomp lacks is passed over.
constexpr const char* kAllowed[] = {
    // Descriptors that are there.
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd",
    "eventfd2",
    "fcntl",
    "lseek",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pread64",
    "preadv",
    "preadv2",
    "pselect6",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readv",
    "select",
    "signalfd",
    "signalfd4",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    "write",
    "writev",
    // Files, where Landlock lets them.
    "access",
    "chdir",
    "copy_file_range",
    "creat",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fchdir",
    "fchmod",
    "fchown",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents",
    "getdents64",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "link",
    "linkat",
    "lstat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "readlink",
    "readlinkat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "stat",
    "statfs",
    "statx",
    "symlink",
    "symlinkat",
    "sync_file_range",
    "umask",
    "unlink",
    "unlinkat",
    // Memory.
    "brk",
    "madvise",
    "membarrier",
    "mincore",
    "mlock",
    "mlock2",
    "mmap",
    "mprotect",
    "mremap",
    "msync",
    "munlock",
    "munmap",
    // Threads, and what they wait for.
    "arch_prctl",
    "exit",
    "exit_group",
    "futex",
    "futex_waitv",
    "get_robust_list",
    "gettid",
    "getcpu",
    "rseq",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_setaffinity",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    // Signals of its own.
    "pause",
    "restart_syscall",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "sigaltstack",
    // Time.
    "alarm",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "getitimer",
    "gettimeofday",
    "nanosleep",
    "setitimer",
    "time",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_settime",
    "times",
    // Itself and the machine.
    "capget",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "getsid",
    "getuid",
    "setpriority",
    "sysinfo",
    "uname",
    // The socket to the service.
    "getpeername",
    "getsockname",
    "getsockopt",
    "recvfrom",
    "recvmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
};

constexpr const char* kOfSockets[] = {"accept", "accept4",  "bind",    "connect",
                                      "listen", "recvmmsg", "sendmmsg"};

std::span<const int> families_of(Sandbox sandbox) {
  // What libusb and name look-ups ask the kernel by is AF_NETLINK.
  static constexpr int kPcsc[] = {AF_UNIX};
  static constexpr int kUsb[] = {AF_NETLINK};
  static constexpr int kNetwork[] = {AF_INET, AF_INET6, AF_NETLINK};
  switch (sandbox) {
    case Sandbox::Files: return {};
    case Sandbox::Pcsc: return kPcsc;
    case Sandbox::Usb: return kUsb;
    case Sandbox::Network: return kNetwork;
  }
  return {};
}

class Filter {
 public:
  Filter() : filter_(::seccomp_init(SCMP_ACT_ERRNO(EPERM))) {}

  template <typename... Conditions>
  void allow(const char* name, const Conditions&... conditions) {
    add(SCMP_ACT_ALLOW, name, conditions...);
  }
  template <typename... Conditions>
  void add(std::uint32_t action, const char* name, const Conditions&... conditions) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (failure_ != 0 || filter_ == nullptr || number == __NR_SCMP_ERROR) return;
    const scmp_arg_cmp list[] = {conditions..., {}};
    failure_ = ::seccomp_rule_add_array(filter_.get(), action, number, sizeof...(conditions), list);
    // A system call that another architecture has is no failure.
    if (failure_ == -EDOM || failure_ == -EFAULT) failure_ = 0;
  }
  Result<> load() {
    if (filter_ == nullptr) return failed("seccomp_init", ENOMEM);
    if (failure_ != 0) return failed("seccomp_rule_add", -failure_);
    if (int code = ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1); code != 0)
      return failed("seccomp_attr_set", -code);
    if (int code = ::seccomp_load(filter_.get()); code != 0) return failed("seccomp_load", -code);
    return {};
  }

 private:
  struct Release {
    void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
  };
  static std::unexpected<Error> failed(const char* call, int code) {
    return fail(Status::PsaErrorGenericError, fmt::format("{}: {}", call, errno_text(code)));
  }

  std::unique_ptr<void, Release> filter_;
  int failure_ = 0;
};

// open(2) with O_TRUNC empties a file even where it is opened for reading alone, which Landlock
// refuses from ABI 3 on. openat2() has its flags in memory, and the C library does without.
void allow_opening(Filter& filter) {
  const auto allow_with = [&filter](unsigned mask, unsigned flags) {
    filter.allow("open", SCMP_A1_32(SCMP_CMP_MASKED_EQ, mask, flags));
    filter.allow("openat", SCMP_A2_32(SCMP_CMP_MASKED_EQ, mask, flags));
  };
  allow_with(O_TRUNC, 0);
  allow_with(O_ACCMODE, O_WRONLY);
  allow_with(O_ACCMODE, O_RDWR);
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "openat2");
}

// Calls whose arguments count.
void allow_some(Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  // Threads, no processes; clone3() has its flags in memory, where no filter looks, and the C
  // library does without.
  filter.allow("clone", SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  filter.allow("kill", SCMP_A0_64(SCMP_CMP_EQ, self));
  filter.allow("tgkill", SCMP_A0_64(SCMP_CMP_EQ, self));
  filter.allow("prlimit64", SCMP_A0_64(SCMP_CMP_EQ, 0), SCMP_A2_64(SCMP_CMP_EQ, 0));
  filter.allow("utimensat", SCMP_A1_64(SCMP_CMP_EQ, 0));
  filter.allow("ioctl", SCMP_A1_32(SCMP_CMP_NE, TIOCSTI, 0));
  for (int option : {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_TIMERSLACK})
    filter.allow("prctl", SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(option), 0));
}

void allow_sockets(Filter& filter, Sandbox sandbox) {
  const auto families = families_of(sandbox);
  if (families.empty()) return;
  for (const char* name : kOfSockets)
    filter.allow(name);
  for (int family : families) {
    filter.allow("socket", SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(family), 0));
    filter.allow("socketpair", SCMP_A0_32(SCMP_CMP_EQ, static_cast<unsigned>(family), 0));
  }
}

}  // namespace

Result<> restrict_system_calls(Sandbox sandbox) {
  Filter filter;
  for (const char* name : kAllowed)
    filter.allow(name);
  allow_opening(filter);
  allow_some(filter);
  allow_sockets(filter, sandbox);
  return filter.load();
}

}  // namespace strongroom
