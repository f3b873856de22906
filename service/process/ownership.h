// Who works on the files of a service that is not running.
#pragma once

#include <string>

#include "base/error.h"

namespace strongroom {

// As root: gives up root for the user that owns the directory of `file`, with that user's groups,
// and a limit for locked memory that root may lift. Nothing as anybody else, and where root owns
// it. So an administrator's command leaves no files behind that the service cannot use. Before
// harden().
Result<> become_owner_beside(const std::string& file);

}  // namespace strongroom
