#include "providers/software/software_provider.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/service/service_conformance.h"
#include "tests/conformance/socket/socket_provider.h"

namespace strongroom::conformance {
namespace {

Result<std::unique_ptr<Provider>> create() {
  return SoftwareProvider::create("mbed-crypto-provider");
}

Result<std::unique_ptr<Provider>> create_with_deprecated() {
  return SoftwareProvider::create("mbed-crypto-provider", {.allow_deprecated = true});
}

ServiceConfiguration service() {
  return {.provider = R"(type = "software")", .id = ProviderId::Software};
}

Result<std::unique_ptr<Provider>> connect() {
  return connect_to(service());
}

Result<std::unique_ptr<Provider>> connect_with_deprecated() {
  ServiceConfiguration configuration = service();
  configuration.allow_deprecated = true;
  return connect_to(configuration);
}

INSTANTIATE_TEST_SUITE_P(
    Software, ProviderConformance,
    ::testing::Values(ProviderUnderTest{"Direct", "software", Way::Direct, false, &create},
                      ProviderUnderTest{"DirectWithDeprecated", "software", Way::Direct, true,
                                        &create_with_deprecated},
                      ProviderUnderTest{"Socket", "software", Way::Socket, false, &connect},
                      ProviderUnderTest{"SocketWithDeprecated", "software", Way::Socket, true,
                                        &connect_with_deprecated}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Software, ServiceConformance,
                         ::testing::Values(ServedProvider{"Service", service()}), name_of_served);

}  // namespace
}  // namespace strongroom::conformance
