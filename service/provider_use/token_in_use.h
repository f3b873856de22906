// Providers with a PKCS#11 token.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"

namespace strongroom {

// A token out of reach does not fail it. PsaErrorInvalidArgument for a URI that p11-kit does not
// take, PsaErrorNotSupported in a build without tokens.
Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings);

// From the next login on. Nothing for another provider.
void use_token_pin(Provider& provider, const config::Provider& settings);

}  // namespace strongroom
