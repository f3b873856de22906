// Room in the table of open files.
#pragma once

#include <cstdint>

#include "base/error.h"

namespace strongroom {

// Raises RLIMIT_NOFILE so that `connections` fit beside what the daemon needs itself; a warning in
// the log where the hard limit is too low for that. PsaErrorGenericError.
Result<> make_room_for_connections(std::uint32_t connections);

}  // namespace strongroom
