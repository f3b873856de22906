#include "service/provider_use/token_in_use.h"

namespace strongroom {

Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings,
                                                      const TokenWorkers&) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("provider '{}': this build knows no PKCS#11 tokens", settings.name));
}

Result<TokenWorkers> prepare_token_workers(const config::Settings&, const std::filesystem::path&) {
  return TokenWorkers();
}

void hide_files(const TokenWorkers&, const config::Settings&) {}

void begin_token(Provider&, const std::shared_ptr<ProviderNotes>&) {}

void use_token_pin(Provider&, const config::Provider&) {}

}  // namespace strongroom
