#include "service/provider_use/token_in_use.h"

namespace strongroom {

Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("provider '{}': this build knows no PKCS#11 tokens", settings.name));
}

void use_token_pin(Provider&, const config::Provider&) {}

}  // namespace strongroom
