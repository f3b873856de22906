#include "service/tpm_in_use.h"

namespace strongroom {

Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("provider '{}': this build knows no TPMs", settings.name));
}

}  // namespace strongroom
