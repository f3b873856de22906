// Takes over the keys of Parsec's service into a store that is not served.
#pragma once

#include "config/settings.h"
#include "service/process/arguments.h"

namespace strongroom {

// Reads Parsec's files as whoever runs it, then does as other tasks do: becomes the owner of the
// store, and hardens the process. Tells of every key what has become of it. Incomplete when one was
// kept back.
Result<ExitCode> migrate_parsec(const config::Settings& settings, const ParsecMigration& migration);

}  // namespace strongroom
