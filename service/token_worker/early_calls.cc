#include "service/token_worker/early_calls.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/process/filter.h"
#include "service/token_worker/socket_kinds.h"

namespace strongroom {
namespace {

using token_worker::Sandbox;

constexpr const char* kRefused[] = {
    // Other processes.
    "kcmp",
    "pidfd_getfd",
    "pidfd_open",
    "pidfd_send_signal",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "setns",
    "tkill",
    "unshare",
    // Files as a whole, of which Landlock knows nothing, or not on each kernel.
    "chmod",
    "chown",
    "chroot",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "fchown",
    "fchownat",
    "fsopen",
    "lchown",
    "lremovexattr",
    "lsetxattr",
    "mount",
    "move_mount",
    "open_by_handle_at",
    "open_tree",
    "pivot_root",
    "removexattr",
    "setxattr",
    "truncate",
    "umount2",
    "utime",
    "utimes",
    // What the kernel does for others than modules, and is often wrong about.
    "add_key",
    "bpf",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "keyctl",
    "perf_event_open",
    "request_key",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    "userfaultfd",
    "vmsplice",
};

void refuse_files(Filter& filter) {
  filter.refuse("open", has_bits(1, O_TRUNC | O_ACCMODE, O_TRUNC));
  filter.refuse("openat", has_bits(2, O_TRUNC | O_ACCMODE, O_TRUNC));
  filter.add(SCMP_ACT_ERRNO(ENOSYS), "openat2");
  filter.refuse("utimensat", is_not(1, 0));
}

void refuse_other_processes(Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  // Executing from memory is beyond Landlock.
  filter.refuse_new_processes();
  filter.refuse("kill", is_not(0, self));
  filter.refuse("tgkill", is_not(0, self));
  filter.refuse("prlimit64", is_not(0, 0));
  filter.refuse("setpriority", is_not(0, PRIO_PROCESS));
  filter.refuse("setpriority", is_not(1, 0));
  filter.refuse("sched_setaffinity", is_not(0, 0));
  for (unsigned option : {PR_SET_DUMPABLE, PR_SET_PDEATHSIG, PR_SET_PTRACER})
    filter.refuse("prctl", is(0, option));
}

// Who is signalled for a descriptor, and by what.
void refuse_signals_of_descriptors(Filter& filter) {
  for (const char* name : {"fcntl", "fcntl64"}) {
    for (unsigned command : {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY})
      filter.refuse(name, is(1, command));
    filter.refuse(name, is(1, F_SETFL), has_bits(2, O_ASYNC, O_ASYNC));
  }
  for (unsigned long request : {FIOSETOWN, SIOCSPGRP, FIOASYNC, TIOCSTI})
    filter.refuse("ioctl", is(1, static_cast<unsigned>(request)));
}

void refuse_sockets(Filter& filter, Sandbox sandbox) {
  // All that there are, and some.
  constexpr unsigned kFamilies = 64;
  constexpr unsigned kProtocols = 32;
  const auto allowed = sockets_of(sandbox);
  for (unsigned family = 0; family < kFamilies; ++family) {
    const auto kind = std::ranges::find(allowed, family, &SocketKind::family);
    if (kind == allowed.end()) {
      filter.refuse("socket", is(0, family));
      continue;
    }
    for (unsigned protocol = 0; kind->protocol && protocol < kProtocols; ++protocol)
      if (protocol != *kind->protocol) filter.refuse("socket", is(0, family), is(2, protocol));
  }
  for (const char* name : {"accept", "accept4", "listen"})
    filter.refuse(name);
}

}  // namespace

Result<> forbid_what_no_module_needs(Sandbox sandbox) {
  Filter filter(SCMP_ACT_ALLOW);
  for (const char* name : kRefused)
    filter.refuse(name);
  refuse_files(filter);
  refuse_other_processes(filter);
  refuse_signals_of_descriptors(filter);
  refuse_sockets(filter, sandbox);
  return filter.load();
}

}  // namespace strongroom
