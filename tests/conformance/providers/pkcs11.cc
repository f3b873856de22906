#include "providers/pkcs11/pkcs11_provider.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/support/pkcs11/soft_hsm.h"

namespace strongroom::conformance {
namespace {

using namespace std::chrono_literals;

// One for all cases: a provider is an empty one each time all the same, since keys are found by the
// ids in the records.
testing::SoftHsm& tokens_of_the_suite() {
  static testing::SoftHsm tokens;
  return tokens;
}

Result<std::unique_ptr<Provider>> create() {
  Pkcs11Provider::Settings settings;
  settings.uri = tokens_of_the_suite().uri();
  settings.login.pin = [] { return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin)); };
  settings.patience = 2min;  // a machine may be busy with other things than this
  settings.creation.may_export = true;
  return Pkcs11Provider::create("pkcs11-provider", std::move(settings));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProviderConformance);
INSTANTIATE_TEST_SUITE_P(Pkcs11, ProviderConformance, ::testing::ValuesIn([] {
                           std::vector<ProviderUnderTest> providers;
                           if (testing::why_no_soft_hsm().empty())
                             providers.push_back({"Direct", "pkcs11", Way::Direct, false, &create});
                           return providers;
                         }()),
                         name_of);

}  // namespace
}  // namespace strongroom::conformance
