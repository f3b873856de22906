#include "providers/token_worker/worker_provider.h"
#include "service/spawner/spawner.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/support/pkcs11/soft_hsm.h"

namespace strongroom::conformance {
namespace {

using namespace std::chrono_literals;

testing::SoftHsm& tokens_of_workers() {
  static testing::SoftHsm tokens;
  return tokens;
}

Result<std::unique_ptr<Provider>> create() {
  static const std::shared_ptr<Spawner> spawner = *Spawner::fork(TOKEN_WORKER);
  token_worker::WorkerSettings settings;
  settings.token.uri = tokens_of_workers().uri();
  settings.token.login.pin = [] { return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin)); };
  settings.token.patience = 2min;  // a machine may be busy with other things than this
  settings.limits.request = 1min;
  settings.limits.start = 1min;
  settings.token.creation.may_export = true;
  return WorkerProvider::create("pkcs11-provider", std::move(settings), spawner);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProviderConformance);
INSTANTIATE_TEST_SUITE_P(Workers, ProviderConformance, ::testing::ValuesIn([] {
                           std::vector<ProviderUnderTest> providers;
                           if (testing::why_no_soft_hsm().empty())
                             providers.push_back({"Direct", "pkcs11", Way::Direct, false, &create});
                           return providers;
                         }()),
                         name_of);

}  // namespace
}  // namespace strongroom::conformance
