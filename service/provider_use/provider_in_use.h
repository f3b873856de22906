// What the service does with every provider, whatever it keeps its keys in; and what of it concerns
// those alone that have a device. Belongs to the daemon's thread; requests may be under way on
// others.
#pragma once

#include <memory>

#include "config/settings.h"
#include "providers/provider.h"
#include "service/provider_use/token_workers.h"
#include "service/store/store.h"

namespace strongroom {

// A device out of reach does not fail it, nor does a secret that cannot be read, unless the
// provider is required. PsaErrorNotSupported in a build without such devices.
Result<std::unique_ptr<Provider>> make_provider(const config::Provider& settings,
                                                const config::Service& service,
                                                const TokenWorkers& workers);

// Once, when there is a store to write things down in.
void begin_upkeep(Provider& provider, const std::weak_ptr<Store>& store);
// Until the device has been looked at, but not for long. PsaErrorHardwareFailure for one that is
// required and does not serve.
Result<> await_first_look(Provider& provider, const config::Provider& settings);
// The service stops: nobody waits for the device any longer.
void close_upkeep(Provider& provider);

// Whether a provider that serves by the one serves by the other too, by use_settings() at most.
bool is_same_device(const config::Provider& one, const config::Provider& other);
// Whether use_settings() has what it needs.
Result<> check_settings(const config::Provider& settings);
void use_settings(Provider& provider, const config::Provider& settings);

}  // namespace strongroom
