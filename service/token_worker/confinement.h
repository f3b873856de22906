// What a token worker gives up before its module runs, and when its token is in use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "providers/token_worker/worker/serve.h"
#include "service/token_worker/landlock.h"

namespace strongroom {

// Files by Landlock before the module is loaded, so that no thread of the module's goes without;
// system calls when the token is in use, for all threads.
token_worker::Confinement confinement();

// The files of a worker of those settings. PsaErrorInvalidArgument for a path that the settings
// open and that has something of the service's at it or below.
Result<std::vector<landlock::Rule>> file_rules(const token_worker::Start& start);

}  // namespace strongroom
