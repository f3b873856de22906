// What a process may ask of the kernel, by seccomp (seccomp(2)).
#pragma once

#include "base/error.h"
#include "providers/token_worker/worker_settings.h"

namespace strongroom {

// Nothing from here on but what a token's module needs, in all threads, for ever: its files,
// memory, threads, time, and sockets of the kinds that the sandbox class names; the rest is EPERM.
// No other program, no process, no look into one, no change of owners and modes.
Result<> restrict_system_calls(token_worker::Sandbox sandbox);

}  // namespace strongroom
