#include <unistd.h>

#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/socket/socket_provider.h"
#include "tests/support/daemon_process.h"
#include "tests/support/pkcs11/kept_token.h"
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

// Others, which the service has to itself: its user can reach them.
testing::SoftHsm& tokens_of_the_service() {
  static testing::SoftHsm tokens;
  static const bool is_given = [] {
    if (::geteuid() == 0) tokens.give_to(testing::kDaemonUid);
    return true;
  }();
  static_cast<void>(is_given);
  return tokens;
}

Result<std::unique_ptr<Provider>> create() {
  Pkcs11Provider::Settings settings;
  tokens_of_the_suite().use();
  settings.uri = tokens_of_the_suite().uri();
  settings.login.pin = [] { return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin)); };
  settings.patience = 2min;  // a machine may be busy with other things than this
  settings.creation.allow_export = true;
  return testing::kept_token("pkcs11-provider", std::move(settings));
}

ServiceConfiguration service() {
  constexpr const char* kLines = R"(type = "pkcs11"
uri = "{}"
pin = "file:{}"
allow_export = true
workers = 4
environment = ["SOFTHSM2_CONF={}"])";
  const testing::SoftHsm& tokens = tokens_of_the_service();
  tokens.use();
  return {.provider = fmt::format(kLines, testing::SoftHsm::uri(), tokens.pin_file(),
                                  tokens.configuration()),
          .id = ProviderId::Pkcs11};
}

Result<std::unique_ptr<Provider>> connect() {
  return connect_to(service());
}

std::vector<ProviderUnderTest> providers() {
  if (!testing::why_no_soft_hsm().empty()) return {};
  return {{"Direct", "pkcs11", Way::Direct, false, &create},
          {"Socket", "pkcs11", Way::Socket, false, &connect}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProviderConformance);
INSTANTIATE_TEST_SUITE_P(Pkcs11, ProviderConformance, ::testing::ValuesIn(providers()), name_of);

}  // namespace
}  // namespace strongroom::conformance
