#include "service/provider_use/provider_secrets.h"

#include "service/provider_use/secret_source.h"

namespace strongroom {

std::function<Result<SecretBuffer>()> secret_of(const config::Provider& settings,
                                                const config::ProviderSecret& secret) {
  return [source = settings.*secret.source, key = secret.key, name = settings.name] {
    return in_context(read_secret(source), "reading '{}' of provider '{}'", key, name);
  };
}

}  // namespace strongroom
