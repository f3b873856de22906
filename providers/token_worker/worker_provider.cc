#include "providers/token_worker/worker_provider.h"

#include "base/version.h"

namespace strongroom {

using namespace token_worker;

// What is wrong with the settings shows here; the provider that finds it is made in the workers.
Result<std::unique_ptr<WorkerProvider>> WorkerProvider::create(
    std::string instance_name, WorkerSettings settings, std::shared_ptr<WorkerStarter> starter) {
  auto checked = TRY(Pkcs11Provider::create(instance_name, provider_settings(start_for(settings))));
  auto software = TRY(SoftwareProvider::create(instance_name));
  return std::unique_ptr<WorkerProvider>(new WorkerProvider(
      checked->description(), std::move(settings), std::move(starter), std::move(software)));
}

WorkerProvider::WorkerProvider(ProviderDescription description, WorkerSettings settings,
                               std::shared_ptr<WorkerStarter> starter,
                               std::unique_ptr<SoftwareProvider> software)
    : description_(std::move(description)),
      software_(std::move(software)),
      gate_(settings.token.login),
      pool_(description_.identity.instance, std::move(settings), gate_, std::move(starter)) {}

Result<> WorkerProvider::supports(Capability capability,
                                  const psa::KeyAttributes& attributes) const {
  return pool_.call<Operation::Supports>(capability, attributes);
}

Result<pkcs11::TokenIdentity> WorkerProvider::identity() {
  return pool_.call<Operation::Identity>();
}

void WorkerProvider::allow_login() {
  gate_.allow();
  pool_.replace_all();
}

}  // namespace strongroom
