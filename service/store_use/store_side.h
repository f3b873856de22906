// What the store is opened with under a configuration.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "providers/provider.h"
#include "service/store/store_settings.h"

namespace strongroom {

// The provider of that name, made now or before; null when there is none.
using ProviderLookup = std::function<Result<std::shared_ptr<Provider>>(const std::string& name)>;
ProviderLookup lookup_in(const std::vector<std::shared_ptr<Provider>>& providers);

// A command is run, which must be before other threads are started. `pcrs` counts for a TPM.
Result<std::shared_ptr<StoreKeySource>> make_key_source(const config::KeySource& source,
                                                        const config::Pcrs& pcrs,
                                                        const ProviderLookup& providers);

// With the rollback counter, if one is configured.
Result<StoreSettings> store_settings(const config::Settings& settings,
                                     std::shared_ptr<StoreKeySource> key_source,
                                     const ProviderLookup& providers,
                                     StoreStart start = StoreStart::Ordinary);

}  // namespace strongroom
