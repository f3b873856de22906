#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "providers/pkcs11/pkcs11_provider.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/service/service_conformance.h"
#include "tests/conformance/socket/socket_provider.h"
#include "tests/support/daemon_process.h"
#include "tests/support/pkcs11/soft_hsm.h"

namespace strongroom::conformance {
namespace {

using namespace std::chrono_literals;

// One for all cases: a provider is an empty one each time all the same, since keys are found by the
// ids in the records.
testing::SoftHsm& tokens_of_the_suite() {
  static testing::SoftHsm tokens;
  tokens.use();
  return tokens;
}

// Others, which the service has to itself: its user can reach them.
class TokensOfTheService {
 public:
  TokensOfTheService() {
    std::ofstream(pin()) << testing::SoftHsm::kPin;
    std::filesystem::permissions(pin(), std::filesystem::perms(0600));
    if (::geteuid() != 0) return;
    const std::filesystem::path root = std::filesystem::path(tokens_.tokens()).parent_path();
    give(root);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
      give(entry.path());
  }

  std::string settings() const {
    return fmt::format(R"(type = "pkcs11"
uri = "{}"
pin = "file:{}"
allow_export = true
environment = ["SOFTHSM2_CONF={}"])",
                       testing::SoftHsm::uri(), pin(), tokens_.configuration());
  }

 private:
  static void give(const std::filesystem::path& path) {
    EXPECT_EQ(::chown(path.c_str(), testing::kDaemonUid, testing::kDaemonUid), 0) << path;
  }
  std::string pin() const { return tokens_.configuration() + ".pin"; }

  testing::SoftHsm tokens_;
};

Result<std::unique_ptr<Provider>> create() {
  Pkcs11Provider::Settings settings;
  settings.uri = tokens_of_the_suite().uri();
  settings.login.pin = [] { return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin)); };
  settings.patience = 2min;  // a machine may be busy with other things than this
  settings.creation.may_export = true;
  return Pkcs11Provider::create("pkcs11-provider", std::move(settings));
}

Result<std::unique_ptr<Provider>> connect() {
  static const TokensOfTheService tokens;
  return connect_to({.provider = tokens.settings(), .id = ProviderId::Pkcs11});
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
