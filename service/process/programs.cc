#include "service/process/programs.h"

#include <cerrno>
#include <memory>
#include <sched.h>
#include <seccomp.h>

#include "base/errno_text.h"

namespace strongroom {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

Result<> forbid_other_programs() {
  return {};
}

#else

namespace {

constexpr int kForbidden[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
};

struct Release {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};

// A failure is a negative errno.
int add_rules(void* filter) {
  for (int number : kForbidden)
    if (int code = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0); code < 0)
      return code;
  // A process is what is no thread. clone3() has its flags in memory, where no filter looks; the C
  // library does without.
  if (int code = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0); code < 0)
    return code;
  if (int code = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                    SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
      code < 0)
    return code;
  return ::seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
}

}  // namespace

Result<> forbid_other_programs() {
  const std::unique_ptr<void, Release> filter(::seccomp_init(SCMP_ACT_ALLOW));
  int code = filter == nullptr ? -ENOMEM : add_rules(filter.get());
  if (code >= 0) code = ::seccomp_load(filter.get());
  if (code >= 0) return {};
  return fail(Status::PsaErrorGenericError,
              fmt::format("forbidding the execution of programs: {}", errno_text(-code)));
}

#endif

}  // namespace strongroom
