#include "service/token_worker/system_calls.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/process/filter.h"
#include "service/token_worker/socket_kinds.h"

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

constexpr const char* kOfNetworks[] = {"bind", "connect", "recvmmsg", "sendmmsg"};

// open(2) with O_TRUNC empties a file even where it is opened for reading alone, which Landlock
// refuses from ABI 3 on. openat2() has its flags in memory, and the C library does without.
void allow_opening(Filter& filter) {
  const auto allow_with = [&filter](unsigned mask, unsigned flags) {
    filter.allow("open", has_bits(1, mask, flags));
    filter.allow("openat", has_bits(2, mask, flags));
  };
  allow_with(O_TRUNC, 0);
  allow_with(O_ACCMODE, O_WRONLY);
  allow_with(O_ACCMODE, O_RDWR);
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "openat2");
}

// Not whom a descriptor signals, nor by what: that reaches every process of the user.
void allow_commands(Filter& filter, Sandbox sandbox) {
  for (const char* name : {"fcntl", "fcntl64"}) {
    for (unsigned command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GETLK, F_SETLK,
                             F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW})
      filter.allow(name, is(1, command));
    filter.allow(name, is(1, F_SETFL), has_bits(2, O_ASYNC, 0));
  }
  for (unsigned long request : {FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS})
    filter.allow("ioctl", is(1, static_cast<unsigned>(request)));
  // USBDEVFS_…, whose numbers have this type.
  if (sandbox == Sandbox::Usb) filter.allow("ioctl", has_bits(1, 0xff00U, unsigned{'U'} << 8U));
  if (sandbox == Sandbox::Network)
    for (unsigned request : {SIOCGIFINDEX, SIOCGIFNAME})
      filter.allow("ioctl", is(1, request));
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
  filter.allow("setpriority", is(0, PRIO_PROCESS), is(1, 0));
  filter.allow("sched_setaffinity", is(0, 0));
  filter.allow("utimensat", SCMP_A1_64(SCMP_CMP_EQ, 0));
  for (unsigned option : {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_TIMERSLACK})
    filter.allow("prctl", is(0, option));
}

void allow_sockets(Filter& filter, Sandbox sandbox) {
  for (const SocketKind& kind : sockets_of(sandbox))
    if (kind.protocol)
      filter.allow("socket", is(0, kind.family), is(2, *kind.protocol));
    else
      filter.allow("socket", is(0, kind.family));
  if (sandbox == Sandbox::Pcsc) {
    filter.allow("connect");
    filter.allow("socketpair", is(0, AF_UNIX));
  } else if (sandbox != Sandbox::Files) {
    for (const char* name : kOfNetworks)
      filter.allow(name);
  }
}

}  // namespace

Result<> restrict_system_calls(Sandbox sandbox) {
  Filter filter(SCMP_ACT_ERRNO(EPERM));
  for (const char* name : kAllowed)
    filter.allow(name);
  allow_opening(filter);
  allow_commands(filter, sandbox);
  allow_some(filter);
  allow_sockets(filter, sandbox);
  return filter.load();
}

}  // namespace strongroom
