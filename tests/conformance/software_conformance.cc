#include "providers/software/software_provider.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

Result<std::unique_ptr<Provider>> create() {
  return SoftwareProvider::create("mbed-crypto-provider");
}

INSTANTIATE_TEST_SUITE_P(Software, ProviderConformance,
                         ::testing::Values(ProviderUnderTest{"Software", &create}), name_of);

}  // namespace
}  // namespace strongroom::conformance
