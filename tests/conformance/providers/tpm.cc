#include "providers/tpm/tpm_provider.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/service/service_conformance.h"
#include "tests/conformance/socket/socket_provider.h"
#include "tests/support/daemon_process.h"
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

// Another, which the service has to itself: its user can reach it.
testing::SwTpm& tpm_of_the_service() {
  static testing::SwTpm tpm;
  if (::geteuid() != 0) return tpm;
  const std::filesystem::path socket = tpm.tcti().substr(tpm.tcti().find('/'));
  const std::filesystem::path control = socket.string() + ".ctrl";
  for (const auto& path : {socket.parent_path(), socket, control})
    EXPECT_EQ(::chown(path.c_str(), testing::kDaemonUid, testing::kDaemonUid), 0) << path;
  return tpm;
}

Result<std::unique_ptr<Provider>> create() {
  TpmProvider::Settings settings;
  settings.upkeep = Upkeep::Kind::None;
  settings.tcti = tpm_of_the_suite().tcti();
  // A machine may be busy with other things than this.
  settings.limits = {.use = 2min, .generation = 10min};
  return TpmProvider::create("tpm-provider", std::move(settings));
}

ServiceConfiguration service() {
  return {.provider = fmt::format("type = \"tpm\"\ntcti = \"{}\"", tpm_of_the_service().tcti()),
          .id = ProviderId::Tpm};
}

Result<std::unique_ptr<Provider>> connect() {
  return connect_to(service());
}

std::vector<ProviderUnderTest> providers() {
  if (!testing::why_no_sw_tpm().empty()) return {};
  return {{"Direct", "tpm", Way::Direct, false, &create},
          {"Socket", "tpm", Way::Socket, false, &connect}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ProviderConformance);
INSTANTIATE_TEST_SUITE_P(Tpm, ProviderConformance, ::testing::ValuesIn(providers()), name_of);

}  // namespace
}  // namespace strongroom::conformance
