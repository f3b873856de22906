// What a worker may not ask of the kernel from before its module is loaded (seccomp(2)).
#pragma once

#include "base/error.h"
#include "providers/token_worker/worker_settings.h"

namespace strongroom {

// No process and no program, so that nothing outlives the worker; nothing of other processes, no
// change of modes, owners and mounts, no sockets beyond the sandbox class: EPERM from here on, in
// all threads. The rest is left to a module that begins and logs in.
Result<> forbid_what_no_module_needs(token_worker::Sandbox sandbox);

}  // namespace strongroom
