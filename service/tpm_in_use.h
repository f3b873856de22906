// The one place of the service that knows of TPMs.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"

namespace strongroom {

// A TPM out of reach does not fail it. PsaErrorNotSupported in a build without TPMs.
Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings);

}  // namespace strongroom
