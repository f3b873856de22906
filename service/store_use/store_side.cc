#include "service/store_use/store_side.h"

#include <algorithm>

#include "service/key_sources/key_sources.h"
#include "service/provider_use/tpm_in_use.h"

namespace strongroom {
namespace {

using Kind = config::KeySource::Kind;

Result<std::shared_ptr<Provider>> tpm_named(const std::string& name,
                                            const ProviderLookup& providers) {
  std::shared_ptr<Provider> found = TRY(providers(name));
  if (found) return found;
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("there is no provider '{}' of type 'tpm'", escaped(name, 64)));
}

std::unexpected<Error> is_no_tpm(const std::string& name) {
  return fail(Status::PsaErrorInvalidArgument, fmt::format("provider '{}' is not a TPM", name));
}

}  // namespace

ProviderLookup lookup_in(const std::vector<std::shared_ptr<Provider>>& providers) {
  return [&providers](const std::string& name) -> Result<std::shared_ptr<Provider>> {
    const auto found = std::ranges::find(providers, name, [](const auto& provider) {
      return provider->description().identity.instance;
    });
    return found == providers.end() ? nullptr : *found;
  };
}

Result<std::shared_ptr<StoreKeySource>> make_key_source(const config::KeySource& source,
                                                        const config::Pcrs& pcrs,
                                                        const ProviderLookup& providers) {
  switch (source.kind) {
    case Kind::File: return file_key_source(source.path);
    case Kind::Credential: return credential_key_source(source.name);
    case Kind::Command: return command_key_source(source.path);
    case Kind::Tpm: break;
  }
  std::shared_ptr<Provider> provider = TRY(tpm_named(source.name, providers));
  std::shared_ptr<StoreKeySource> made = key_source_of(*provider, source, pcrs);
  if (!made) return is_no_tpm(source.name);
  return made;
}

Result<StoreSettings> store_settings(const config::Settings& settings,
                                     std::shared_ptr<StoreKeySource> key_source,
                                     const ProviderLookup& providers, StoreStart start) {
  StoreSettings result{.database = settings.store.path,
                       .key_source = std::move(key_source),
                       .rollback_counter = nullptr,
                       .start = start};
  const std::string& name = settings.store.rollback_counter.name;
  if (name.empty()) return result;
  std::shared_ptr<Provider> provider = TRY(tpm_named(name, providers));
  result.rollback_counter = epoch_counter_of(*provider, settings.store);
  if (!result.rollback_counter) return is_no_tpm(name);
  return result;
}

}  // namespace strongroom
