// Providers with a TPM, for the rest of the service, which asks the same of every provider: what
// concerns TPMs alone is not done for others. How a TPM seals and counts for the store stands in
// service/key_sources/.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"
#include "service/store/keying/epoch_counter.h"
#include "service/store/keying/key_source.h"
#include "service/store/store.h"

namespace strongroom {

// Before other threads are started.
void keep_the_tss_from_writing_to_standard_error();

// A TPM out of reach does not fail it. PsaErrorNotSupported in a build without TPMs.
Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings);

// Once, when there is a store to write things down in.
void begin(Provider& provider, const std::weak_ptr<Store>& store);
// Until the device has been looked at, but not for long. PsaErrorHardwareFailure for one that is
// required and does not serve.
Result<> await(Provider& provider, const config::Provider& settings);
// The service stops: nobody waits for the device any longer.
void close(Provider& provider);
// Stays as long as anybody has the device in use. Null for a provider without one.
std::shared_ptr<const void> device_of(Provider& provider);

// By a TPM of the given provider, of which one out of reach is waited for (service/key_sources/).
// Null for another provider.
std::shared_ptr<StoreKeySource> key_source_of(Provider& provider, const config::KeySource& source,
                                              const config::Pcrs& pcrs);
std::shared_ptr<EpochCounter> epoch_counter_of(Provider& provider, const config::Store& settings);

// Whether a provider that serves by the one serves by the other too, by use_settings() at most.
bool is_same_device(const config::Provider& one, const config::Provider& other);
// Whether use_settings() has what it needs.
Result<> check_settings(const config::Provider& settings);
void use_settings(Provider& provider, const config::Provider& settings);

}  // namespace strongroom
