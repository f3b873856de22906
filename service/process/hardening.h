// What the process gives up before it holds a secret. Each step stands alone for its tests; the
// order of harden() matters and is explained there. Before other threads start.
#pragma once

#include <cstddef>

#include "base/error.h"

namespace strongroom {

// Writing to a peer that has gone is an error code, not death. First thing in main.
Result<> ignore_broken_pipes();

// Standard streams that whoever started us has closed lead to /dev/null from here on; else a socket
// or a file of ours would get their numbers, and with them what is logged. Before anything is
// opened.
Result<> occupy_standard_streams();

struct HardeningSettings {
  bool allow_root = false;
  bool require_locked_memory = true;
};

// Whether memory is locked. PsaErrorGenericError, naming the step, when one of them fails:
//  1. not root, before anything is made that would belong to it;
//  2. no core file, and then not dumpable, which also keeps debuggers and /proc/PID/mem of this
//     user away: both before the first secret;
//  3. files that we make are ours alone;
//  4. memory locked, before the heap that is to be locked;
//  5. the heap for secrets, for which nothing may have to swap;
//  6. no new privileges, for whatever is executed from here.
Result<bool> harden(const HardeningSettings& settings);

Result<> refuse_root();
Result<> forbid_core_dumps();
// Not under AddressSanitizer or ThreadSanitizer, whose leak check reads the memory of its process.
Result<> forbid_inspection();
void keep_new_files_private();
// Whether all memory is locked, now and in future. Not where RLIMIT_MEMLOCK is finite (and there is
// no CAP_IPC_LOCK) even if there is room now: a thread's stack that no longer fits would bring the
// service down later.
Result<bool> lock_memory();
Result<> create_secure_heap();
Result<> forbid_new_privileges();

inline constexpr std::size_t kSecureHeapBytes = 4ULL * 1024 * 1024;

}  // namespace strongroom
