#include "providers/tpm/tpm_provider.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/support/tpm/sw_tpm.h"

namespace strongroom::conformance {
namespace {

using namespace std::chrono_literals;

// One for all cases: a provider is an empty one each time all the same, since its keys are the
// records'.
testing::SwTpm& tpm_of_the_suite() {
  static testing::SwTpm tpm;
  return tpm;
}

Result<std::unique_ptr<Provider>> create() {
  TpmProvider::Settings settings;
  settings.tcti = tpm_of_the_suite().tcti();
  // A machine may be busy with other things than this.
  settings.limits = {.use = 2min, .generation = 10min};
  return TpmProvider::create("tpm-provider", std::move(settings));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProviderConformance);
INSTANTIATE_TEST_SUITE_P(Tpm, ProviderConformance, ::testing::ValuesIn([] {
                           std::vector<ProviderUnderTest> providers;
                           if (testing::why_no_sw_tpm().empty())
                             providers.push_back({"Direct", "tpm", Way::Direct, false, &create});
                           return providers;
                         }()),
                         name_of);

}  // namespace
}  // namespace strongroom::conformance
