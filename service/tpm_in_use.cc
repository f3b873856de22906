#include "service/tpm_in_use.h"

#include <cstdlib>

#include "config/values.h"
#include "providers/tpm/tpm_provider.h"
#include "service/key_sources/tpm_sources.h"
#include "service/notes_in_store.h"
#include "service/secret_source.h"

namespace strongroom {
namespace {

// How long a start waits for a TPM that hangs.
constexpr std::chrono::seconds kPatience{3};
constexpr std::chrono::seconds kPatienceForRequired{15};
// How long one waits for a TPM without which the store does not open. So long that a service
// manager which starts the daemon again does not count too many starts in too short a time and give
// up.
constexpr std::chrono::seconds kPatienceOfTheStore{30};

tpm::RootType root_of(config::TpmRoot root) {
  switch (root) {
    case config::TpmRoot::EccP256: return tpm::RootType::EccP256;
    case config::TpmRoot::Rsa2048: return tpm::RootType::Rsa2048;
  }
  return tpm::RootType::EccP256;
}

// Read again at each need, so that a password that was wrong can be mended where it stands.
std::function<Result<SecretBuffer>()> auth_of(const config::Provider& settings,
                                              config::SecretSource config::Provider::* source,
                                              std::string_view key) {
  return [source = settings.*source, key, name = settings.name] {
    return in_context(read_secret(source), "reading '{}' of provider '{}'", key, name);
  };
}

// Of the configuration's words for them. A TPM has no bank for another, and says so.
TPM2_ALG_ID bank_of(std::string_view bank) {
  if (bank == "sha1") return TPM2_ALG_SHA1;
  if (bank == "sha256") return TPM2_ALG_SHA256;
  if (bank == "sha384") return TPM2_ALG_SHA384;
  if (bank == "sha512") return TPM2_ALG_SHA512;
  return TPM2_ALG_ERROR;
}

auto owner_auth_of(const config::Provider& settings) {
  return auth_of(settings, &config::Provider::owner_auth, "owner_auth");
}

auto endorsement_auth_of(const config::Provider& settings) {
  return auth_of(settings, &config::Provider::endorsement_auth, "endorsement_auth");
}

TpmProvider* as_tpm(Provider& provider) {
  return dynamic_cast<TpmProvider*>(&provider);
}

}  // namespace

void keep_the_tss_from_writing_to_standard_error() {
  ::setenv("TSS2_LOG", "all+NONE", 0);
}

Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings) {
  TRY(check_settings(settings));
  TpmProvider::Settings device;
  device.tcti = settings.tcti.name;
  device.root = root_of(settings.root);
  device.owner_auth_source = owner_auth_of(settings);
  device.endorsement_auth_source = endorsement_auth_of(settings);
  std::unique_ptr<Provider> made = TRY(TpmProvider::create(settings.name, std::move(device)));
  return made;
}

void begin(Provider& provider, const std::weak_ptr<Store>& store) {
  if (TpmProvider* tpm = as_tpm(provider))
    tpm->upkeep().begin(std::make_shared<NotesInStore>(store, provider.description().identity));
}

Result<> await(Provider& provider, const config::Provider& settings) {
  TpmProvider* tpm = as_tpm(provider);
  if (tpm == nullptr) return {};
  tpm->upkeep().await_first_look(settings.required ? kPatienceForRequired : kPatience);
  const ProviderHealth health = tpm->upkeep().health();
  if (!settings.required || health.state == ProviderState::Up) return {};
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("provider '{}' is required, and {}: {}", settings.name,
                          name_of(health.state), health.reason));
}

void close(Provider& provider) {
  if (TpmProvider* tpm = as_tpm(provider)) tpm->upkeep().close();
}

std::shared_ptr<const void> device_of(Provider& provider) {
  TpmProvider* tpm = as_tpm(provider);
  return tpm == nullptr ? nullptr : tpm->executor();
}

std::shared_ptr<StoreKeySource> key_source_of(Provider& provider, const config::KeySource& source,
                                              const config::Pcrs& pcrs) {
  TpmProvider* tpm = as_tpm(provider);
  if (tpm == nullptr) return nullptr;
  return tpm_key_source(to_string(source), tpm->executor(),
                        {.bank = bank_of(pcrs.bank), .mask = pcrs.mask}, kPatienceOfTheStore);
}

std::shared_ptr<EpochCounter> epoch_counter_of(Provider& provider, const config::Store& settings) {
  TpmProvider* tpm = as_tpm(provider);
  if (tpm == nullptr) return nullptr;
  return tpm_epoch_counter(settings.rollback_counter.name, tpm->executor(), settings.rollback_index,
                           kPatienceOfTheStore);
}

bool is_same_device(const config::Provider& one, const config::Provider& other) {
  config::Provider changed = one;
  changed.required = other.required;
  changed.owner_auth = other.owner_auth;
  changed.endorsement_auth = other.endorsement_auth;
  return changed == other;
}

Result<> check_settings(const config::Provider& settings) {
  std::ignore = TRY(owner_auth_of(settings)());
  std::ignore = TRY(endorsement_auth_of(settings)());
  return {};
}

void use_settings(Provider& provider, const config::Provider& settings) {
  TpmProvider* tpm = as_tpm(provider);
  if (tpm == nullptr) return;
  tpm->use_owner_auth(owner_auth_of(settings));
  tpm->use_endorsement_auth(endorsement_auth_of(settings));
}

}  // namespace strongroom
