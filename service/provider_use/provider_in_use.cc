#include "service/provider_use/provider_in_use.h"

#include "providers/software/software_provider.h"
#include "providers/upkeep/upkeep.h"
#include "service/provider_use/notes_in_store.h"
#include "service/provider_use/secret_source.h"
#include "service/provider_use/token_in_use.h"
#include "service/provider_use/tpm_in_use.h"

namespace strongroom {
namespace {

// How long a start waits for a device that hangs.
constexpr std::chrono::seconds kPatience{3};
constexpr std::chrono::seconds kPatienceForRequired{15};

Upkeep* upkeep_of(Provider& provider) {
  return dynamic_cast<Upkeep*>(provider.maintenance());
}

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(const config::Provider& settings,
                                                const config::Service& service,
                                                const TokenWorkers& workers) {
  if (settings.required) TRY(check_settings(settings));
  switch (settings.type) {
    case config::ProviderType::Software: {
      std::unique_ptr<Provider> software = TRY(
          SoftwareProvider::create(settings.name, {.allow_deprecated = service.allow_deprecated}));
      return software;
    }
    case config::ProviderType::Tpm: return make_tpm_provider(settings);
    case config::ProviderType::Pkcs11: return make_token_provider(settings, workers);
  }
  return nullptr;
}

void begin_upkeep(Provider& provider, const std::weak_ptr<Store>& store) {
  Upkeep* upkeep = upkeep_of(provider);
  if (upkeep == nullptr) return;
  auto notes = std::make_shared<NotesInStore>(store, provider.description().identity);
  begin_token(provider, notes);
  upkeep->begin(std::move(notes));
}

Result<> await_first_look(Provider& provider, const config::Provider& settings) {
  Upkeep* upkeep = upkeep_of(provider);
  if (upkeep == nullptr) return {};
  upkeep->await_first_look(settings.required ? kPatienceForRequired : kPatience);
  const ProviderHealth health = upkeep->health();
  if (!settings.required || health.state == ProviderState::Up) return {};
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("provider '{}' is required, and {}: {}", settings.name,
                          name_of(health.state), health.reason));
}

void close_upkeep(Provider& provider) {
  if (Upkeep* upkeep = upkeep_of(provider)) upkeep->close();
}

bool is_same_device(const config::Provider& one, const config::Provider& other) {
  config::Provider changed = one;
  changed.required = other.required;
  for (const config::ProviderSecret& secret : config::kProviderSecrets)
    changed.*secret.source = other.*secret.source;
  return changed == other;
}

Result<> check_settings(const config::Provider& settings) {
  for (const config::ProviderSecret& secret : config::kProviderSecrets)
    std::ignore = TRY(secret_of(settings, secret)());
  return {};
}

void use_settings(Provider& provider, const config::Provider& settings) {
  use_tpm_passwords(provider, settings);
  use_token_pin(provider, settings);
}

}  // namespace strongroom
