// Providers with a PKCS#11 token, as the daemon's thread makes them and tells them of reloads.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"
#include "providers/provider_notes.h"
#include "service/provider_use/token_workers.h"

namespace strongroom {

class Pkcs11Provider;

// A token out of reach does not fail it. PsaErrorInvalidArgument for a URI that p11-kit does not
// take, PsaErrorNotPermitted for workers that nobody can start any more, PsaErrorNotSupported in a
// build without tokens.
Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings,
                                                      const TokenWorkers& workers);

// Before its upkeep begins. Nothing for another provider.
void begin_token(Provider& provider, const std::shared_ptr<ProviderNotes>& notes);

// The same token in this process, for who asks it at once and for himself: fails when it is away.
Result<std::unique_ptr<Pkcs11Provider>> open_token(const config::Provider& settings);

// From the next login on. Nothing for another provider.
void use_token_pin(Provider& provider, const config::Provider& settings);

}  // namespace strongroom
