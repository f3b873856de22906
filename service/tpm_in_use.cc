#include "service/tpm_in_use.h"

#include "providers/tpm/tpm_provider.h"
#include "service/secret_source.h"

namespace strongroom {
namespace {

tpm::RootType root_of(config::TpmRoot root) {
  switch (root) {
    case config::TpmRoot::EccP256: return tpm::RootType::EccP256;
    case config::TpmRoot::Rsa2048: return tpm::RootType::Rsa2048;
  }
  return tpm::RootType::EccP256;
}

}  // namespace

Result<std::unique_ptr<Provider>> make_tpm_provider(const config::Provider& settings) {
  TpmProvider::Settings device;
  device.tcti = settings.tcti.name;
  device.root = root_of(settings.root);
  device.owner_password = TRY(in_context(read_secret(settings.owner_auth),
                                         "reading 'owner_auth' of provider '{}'", settings.name));
  std::unique_ptr<Provider> made = TRY(TpmProvider::create(settings.name, std::move(device)));
  return made;
}

}  // namespace strongroom
