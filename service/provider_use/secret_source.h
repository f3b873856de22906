// Secrets that stand outside the configuration.
#pragma once

#include <functional>

#include "base/error.h"
#include "base/secret_buffer.h"
#include "config/machine/secret_files.h"
#include "config/settings.h"

namespace strongroom {

// What stands there now, without one line feed at its end; empty where there is no source. At most
// 1,024 bytes of a regular file that belongs to us or to root; a file that is not a credential must
// be closed to its group and to others. PsaErrorNotPermitted, naming the file and what is wrong.
Result<SecretBuffer> read_secret(const config::SecretSource& source);

// Of a provider: reads it again at each need, so that one that was wrong can be mended where it
// stands.
std::function<Result<SecretBuffer>()> secret_of(const config::Provider& settings,
                                                const config::ProviderSecret& secret);

}  // namespace strongroom
