// The spawner's own side: what its process does.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace strongroom::spawner {

// Serves requests from `socket` until the service, which is process `service`, has gone. Called in
// the new process, which has one thread.
[[noreturn]] void serve_as_spawner(const std::string& program, UniqueFd socket, int service);

}  // namespace strongroom::spawner
