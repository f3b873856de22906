// What a token worker gives up before its module runs, and when its token is in use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "providers/token_worker/worker/serve.h"
#include "service/token_worker/landlock.h"

namespace strongroom {

// Before the module is loaded, so that no thread of the module's goes without: files by Landlock,
// and the system calls that no module needs. When the token is in use, for all threads: those that
// are not on a list.
token_worker::Confinement confinement();

// The files of a worker of those settings. PsaErrorInvalidArgument for a path that the settings
// open and that has something of the service's at it or below.
Result<std::vector<landlock::Rule>> file_rules(const token_worker::Start& start);

}  // namespace strongroom
