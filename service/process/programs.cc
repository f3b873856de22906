#include "service/process/programs.h"

#include "service/process/filter.h"

namespace strongroom {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

Result<> forbid_other_programs() {
  return {};
}

#else

Result<> forbid_other_programs() {
  Filter filter(SCMP_ACT_ALLOW);
  filter.refuse_new_processes();
  for (const char* look : {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"})
    filter.refuse(look);
  return in_context(filter.load(), "forbidding the execution of programs");
}

#endif

}  // namespace strongroom
