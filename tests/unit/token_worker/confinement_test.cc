// What a module can do to the service from within its worker: nothing.
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/token_worker/landlock.h"
#include "tests/support/pkcs11/prying.h"
#include "tests/unit/token_worker/workers_fixture.h"

namespace strongroom::token_worker {
namespace {

using testing::Attempt;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr auto kAttempts = static_cast<std::size_t>(Attempt::Count);

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsInstrumented = true;
#else
constexpr bool kIsInstrumented = false;
#endif

class ConfinementTest : public testing::WithWorkers {
 protected:
  void SetUp() override {
    WithWorkers::SetUp();
    if (kIsInstrumented) GTEST_SKIP() << "system calls are not restricted in this build";
    std::filesystem::create_directory(service / "state");
    std::ofstream(service / "state/keys.db") << "store";
    std::ofstream(service / "strongroom.toml") << "settings";
    socket = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (service / "socket").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket.get(), 8), 0);
  }

  WorkerSettings prying(Sandbox sandbox) {
    auto with = settings();
    with.token.uri = testing::SoftHsm::uri(PRYING_MODULE);
    with.sandbox = sandbox;
    with.environment = {{"PRYING_SERVICE", service.path()}};
    with.hidden->add({service.path()});
    return with;
  }
  // Those that succeed: of the thread that serves, of one that was there before, and of the module
  // as it was initialized.
  std::vector<std::string> successes(WorkerSettings with) {
    auto made = provider(std::move(with));
    return successes(*made);
  }
  std::vector<std::string> successes(WorkerProvider& of) {
    auto told = of.random()->generate(3 * kAttempts);
    EXPECT_THAT(told, IsOk());
    std::vector<std::string> found;
    for (std::size_t i = 0; told && i < told->size(); ++i)
      if (told->reveal()[i] != std::byte{0})
        found.emplace_back(testing::name_of(static_cast<Attempt>(i % kAttempts)));
    EXPECT_EQ(of.missing_confinement(), landlock::lacking(landlock::abi()));
    EXPECT_THAT(signature_of(of, *new_key(of)), IsOk());
    return found;
  }

  testing::TemporaryDirectory service;
  UniqueFd socket;
};

std::vector<std::string> thrice(std::vector<std::string> names) {
  auto all = names;
  for (int i = 0; i < 2; ++i)
    all.insert(all.end(), names.begin(), names.end());
  return all;
}

TEST_F(ConfinementTest, AModuleOfFilesReachesNothingOfTheService) {
  EXPECT_EQ(successes(prying(Sandbox::Files)), thrice({"reading libraries"}));
}

TEST_F(ConfinementTest, AModuleOfUsbReachesNothingOfTheService) {
  EXPECT_EQ(successes(prying(Sandbox::Usb)), thrice({"reading libraries"}));
}

TEST_F(ConfinementTest, AModuleOfTheNetworkReachesNothingOfTheService) {
  EXPECT_EQ(successes(prying(Sandbox::Network)),
            thrice({"a socket of the network", "reading libraries"}));
}

// The kernel has no rule for whom a socket connects to; the service knows its own workers' user.
TEST_F(ConfinementTest, AModuleOfSmartCardsMayConnectToSocketsOfThisMachineAndNoMore) {
  EXPECT_EQ(successes(prying(Sandbox::Pcsc)), thrice({"connecting", "reading libraries"}));
}

TEST_F(ConfinementTest, WhatTheServiceHidesIsHiddenWhereverItLies) {
  auto with = prying(Sandbox::Files);
  with.environment.emplace_back("ELSEWHERE", service.path() + "/..");
  EXPECT_EQ(successes(with), thrice({"reading libraries"}));
}

// As after a reload.
TEST_F(ConfinementTest, WhatBecomesTheServicesIsHiddenFromThen) {
  auto with = prying(Sandbox::Files);
  with.hidden = std::make_shared<HiddenFiles>();
  with.environment.emplace_back("ELSEWHERE", service.path());
  auto made = provider(with);
  EXPECT_EQ(successes(*made),
            thrice({"reading the store", "reading the configuration", "reading libraries"}));
  with.hidden->add({service / "state"});
  EXPECT_EQ(successes(*made), thrice({"reading the configuration", "reading libraries"}));
  EXPECT_EQ(workers->pids().size(), std::size_t{2});
  with.hidden->add({service / "state"});
  EXPECT_THAT(made->identity(), IsOk());
  EXPECT_EQ(workers->pids().size(), std::size_t{2});
}

TEST_F(ConfinementTest, ADirectoryThatHoldsWhatIsTheServicesCannotBeOpened) {
  for (const std::string& path :
       {service.path(), service / "state", std::string("/"), service.path() + "/.."}) {
    auto with = prying(Sandbox::Files);
    with.paths.push_back(path);
    auto made = provider(with);
    auto refused = made->identity();
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message(), HasSubstr("cannot be opened to token workers"));
  }
}

TEST_F(ConfinementTest, ATokenOutsideOfItsPathsIsNotReached) {
  auto with = prying(Sandbox::Files);
  with.paths.clear();
  auto made = provider(with);
  EXPECT_FALSE(made->identity().has_value());
}

TEST_F(ConfinementTest, TokensOfSoftHsmAreFoundByItsConfiguration) {
  auto with = settings();
  with.paths.clear();
  auto made = provider(with);
  EXPECT_THAT(signature_of(*made, *new_key(*made)), IsOk());
}

TEST_F(ConfinementTest, AWorkerIsNeitherDumpableNorPreferred) {
  auto made = provider();
  ASSERT_THAT(made->identity(), IsOk());
  const std::string process = fmt::format("/proc/{}/", workers->pids().back());
  std::ifstream status(process + "status");
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  EXPECT_THAT(text, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(text, HasSubstr("NoNewPrivs:\t1"));
  struct stat owner{};
  ASSERT_EQ(::stat((process + "environ").c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U);  // proc(5): of one that is not dumpable
  std::ifstream numbers(process + "stat");
  std::string line;
  std::getline(numbers, line);
  std::istringstream rest(line.substr(line.rfind(')') + 2));
  std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  // Secrets are locked, a module's memory is not.
  const auto locked = text.find("VmLck:");
  ASSERT_NE(locked, text.npos);
  EXPECT_LT(std::stoi(text.substr(locked + 6)), 16 * 1024);  // KiB
  EXPECT_EQ(fields.at(16), "10");                            // proc(5): nice
}

}  // namespace
}  // namespace strongroom::token_worker
