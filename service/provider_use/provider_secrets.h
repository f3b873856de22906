// The secrets of providers' settings.
#pragma once

#include <functional>

#include "base/error.h"
#include "base/secret_buffer.h"
#include "config/machine/secret_files.h"

namespace strongroom {

// Reads it again at each need, so that one that was wrong can be mended where it stands.
std::function<Result<SecretBuffer>()> secret_of(const config::Provider& settings,
                                                const config::ProviderSecret& secret);

}  // namespace strongroom
