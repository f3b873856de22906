// The process and others: it starts none, and looks into none.
#pragma once

#include "base/error.h"

namespace strongroom {

// From here on this process, in all of its threads, executes no file, starts no process and looks
// into none: EPERM, by seccomp(2). After all of that which it has to do with them: the command that
// yields the store's secret, the spawner of token workers. Not under AddressSanitizer or
// ThreadSanitizer, whose checks at the end need such.
Result<> forbid_other_programs();

}  // namespace strongroom
