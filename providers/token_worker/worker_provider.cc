#include "providers/token_worker/worker_provider.h"

namespace strongroom {

using namespace token_worker;

Result<std::unique_ptr<WorkerProvider>> WorkerProvider::create(
    std::string instance_name, WorkerSettings settings, std::shared_ptr<WorkerStarter> starter) {
  TRY(Pkcs11Provider::check(settings.token));
  auto software = TRY(SoftwareProvider::create(instance_name));
  const std::shared_ptr<HiddenFiles> hidden = settings.hidden;
  std::unique_ptr<WorkerProvider> made(
      new WorkerProvider(pkcs11::token_description(std::move(instance_name)), std::move(settings),
                         std::move(starter), std::move(software)));
  hidden->on_more(made->pool_, [pool = made->pool_.get()] { pool->replace_all(); });
  return made;
}

WorkerProvider::WorkerProvider(ProviderDescription description, WorkerSettings settings,
                               std::shared_ptr<WorkerStarter> starter,
                               std::unique_ptr<SoftwareProvider> software)
    : description_(std::move(description)),
      software_(std::move(software)),
      pool_(std::make_shared<WorkerPool>(description_.identity.instance, std::move(settings),
                                         std::move(starter))) {}

Result<> WorkerProvider::supports(Capability capability,
                                  const psa::KeyAttributes& attributes) const {
  return pool_->call<Operation::Supports>(capability, attributes);
}

// A module that has lost its token may not find it again: its worker's rules are of the files that
// were there when it was started, and a directory that is put back may be another.
Result<pkcs11::TokenIdentity> WorkerProvider::identity() {
  auto found = pool_->call<Operation::Identity>();
  if (!found && found.error().status() == Status::PsaErrorHardwareFailure) pool_->replace_all();
  return found;
}

void WorkerProvider::allow_login() {
  pool_->gate().allow();
  pool_->forget_failures();
  pool_->replace_all();
}

}  // namespace strongroom
