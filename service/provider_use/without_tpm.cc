#include "service/provider_use/tpm_in_use.h"

namespace strongroom {

void keep_the_tss_from_writing_to_standard_error() {}

Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("provider '{}': this build knows no TPMs", settings.name));
}

std::shared_ptr<const void> device_of(Provider&) {
  return nullptr;
}

std::shared_ptr<StoreKeySource> key_source_of(Provider&, const config::KeySource&,
                                              const config::Pcrs&) {
  return nullptr;
}

std::shared_ptr<EpochCounter> epoch_counter_of(Provider&, const config::Store&) {
  return nullptr;
}

void use_tpm_passwords(Provider&, const config::Provider&) {}

}  // namespace strongroom
