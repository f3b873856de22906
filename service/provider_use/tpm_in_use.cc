#include "service/provider_use/tpm_in_use.h"

#include <cstdlib>

#include "config/values/values.h"
#include "providers/tpm/tpm_provider.h"
#include "service/key_sources/tpm_sources.h"
#include "service/provider_use/secret_source.h"

namespace strongroom {
namespace {

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

// Of the configuration's words for them. A TPM has no bank for another, and says so.
TPM2_ALG_ID bank_of(std::string_view bank) {
  if (bank == "sha1") return TPM2_ALG_SHA1;
  if (bank == "sha256") return TPM2_ALG_SHA256;
  if (bank == "sha384") return TPM2_ALG_SHA384;
  if (bank == "sha512") return TPM2_ALG_SHA512;
  return TPM2_ALG_ERROR;
}

TpmProvider* as_tpm(Provider& provider) {
  return dynamic_cast<TpmProvider*>(&provider);
}

}  // namespace

void keep_the_tss_from_writing_to_standard_error() {
  ::setenv("TSS2_LOG", "all+NONE", 0);
}

Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings) {
  TpmProvider::Settings device;
  device.tcti = settings.tcti.name;
  device.root = root_of(settings.root);
  device.owner_auth_source = secret_of(settings, config::kOwnerAuth);
  device.endorsement_auth_source = secret_of(settings, config::kEndorsementAuth);
  std::unique_ptr<Provider> made = TRY(TpmProvider::create(settings.name, std::move(device)));
  return made;
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

void use_tpm_passwords(Provider& provider, const config::Provider& settings) {
  TpmProvider* tpm = as_tpm(provider);
  if (tpm == nullptr) return;
  tpm->use_owner_auth(secret_of(settings, config::kOwnerAuth));
  tpm->use_endorsement_auth(secret_of(settings, config::kEndorsementAuth));
}

}  // namespace strongroom
