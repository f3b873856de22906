// A filter of system calls in the making (seccomp(2)).
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <sched.h>
#include <seccomp.h>

#include "base/errno_text.h"
#include "base/error.h"

namespace strongroom {

// Calls go by name: one that this architecture or libseccomp lacks is passed over. What goes wrong
// comes to light in load().
class Filter {
 public:
  // What becomes of calls that no rule names.
  explicit Filter(std::uint32_t otherwise) : filter_(::seccomp_init(otherwise)) {}

  template <typename... Conditions>
  void allow(const char* name, const Conditions&... conditions) {
    add(SCMP_ACT_ALLOW, name, conditions...);
  }
  template <typename... Conditions>
  void refuse(const char* name, const Conditions&... conditions) {
    add(SCMP_ACT_ERRNO(EPERM), name, conditions...);
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

  // New processes and programs, but no threads. clone3() has its flags in memory, where no filter
  // looks; the C library does without.
  void refuse_new_processes() {
    for (const char* name : {"execve", "execveat", "fork", "vfork"})
      refuse(name);
    refuse("clone", SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    add(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  }

  // For all threads, for ever.
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

// That an `int` argument, which is the lower half of a register whatever the upper one holds, is
// `value`; and that some bits of it are. libseccomp's own macros compare the whole.
inline scmp_arg_cmp is(unsigned argument, unsigned value) {
  return SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, 0xffff'ffffU, value);
}
inline scmp_arg_cmp has_bits(unsigned argument, unsigned mask, unsigned bits) {
  return SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, bits);
}
// To refuse: of a register that holds more than `value`, too.
inline scmp_arg_cmp is_not(unsigned argument, scmp_datum_t value) {
  return SCMP_CMP64(argument, SCMP_CMP_NE, value);
}

}  // namespace strongroom
