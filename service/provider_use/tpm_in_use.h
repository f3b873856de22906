// Providers with a TPM. How a TPM seals and counts for the store stands in service/key_sources/.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"
#include "service/store/keying/epoch_counter.h"
#include "service/store/keying/key_source.h"

namespace strongroom {

// Before other threads are started.
void keep_the_tss_from_writing_to_standard_error();

// A TPM out of reach does not fail it. PsaErrorNotSupported in a build without TPMs.
Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings);

// Stays as long as anybody has the device in use. Null for a provider without one.
std::shared_ptr<const void> device_of(Provider& provider);

// By a TPM of the given provider, of which one out of reach is waited for (service/key_sources/).
// Null for another provider.
std::shared_ptr<StoreKeySource> key_source_of(Provider& provider, const config::KeySource& source,
                                              const config::Pcrs& pcrs);
std::shared_ptr<EpochCounter> epoch_counter_of(Provider& provider, const config::Store& settings);

// From now on. Nothing for another provider.
void use_tpm_passwords(Provider& provider, const config::Provider& settings);

}  // namespace strongroom
