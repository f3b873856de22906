#include "providers/software/software_provider.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

Result<std::unique_ptr<Provider>> create() {
  return SoftwareProvider::create("mbed-crypto-provider");
}

Result<std::unique_ptr<Provider>> create_with_deprecated() {
  return SoftwareProvider::create("mbed-crypto-provider", {.allow_deprecated = true});
}

INSTANTIATE_TEST_SUITE_P(Software, ProviderConformance,
                         ::testing::Values(ProviderUnderTest{"Software", &create},
                                           ProviderUnderTest{"SoftwareWithDeprecated",
                                                             &create_with_deprecated}),
                         name_of);

}  // namespace
}  // namespace strongroom::conformance
