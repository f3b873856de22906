// What workers give up, piece by piece, and on kernels that have less of it.
#include "tests/unit/token_worker/given_up.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/prctl.h>

#include <gmock/gmock.h>

#include "service/token_worker/landlock.h"
#include "service/token_worker/system_calls.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::Not;
using testing::succeeds;
using token_worker::Sandbox;

constexpr int kDebian12 = 2;  // the ABI of Linux 6.1

class GivenUpTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "system calls are not restricted in this build";
#endif
    std::ofstream(store) << "records";
  }
  static Result<> give_up_calls() {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return restrict_system_calls(Sandbox::Files);
  }
  // As a worker on that kernel; the store may be read.
  Result<> give_up_all(int abi) const {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    TRY(landlock::restrict_to({{store, landlock::Use::Read}}, false, abi));
    return restrict_system_calls(Sandbox::Files);
  }

  testing::TemporaryDirectory directory;
  const std::string store = directory / "keys.db";
};

TEST_F(GivenUpTest, NoFileIsEmptiedWhereLandlockDoesNotDecideThat) {
  for (int abi : {1, kDebian12}) {
    EXPECT_FALSE(succeeds([&] { return give_up_all(abi); },
                          [&] { return ::truncate(store.c_str(), 0) == 0; }));
    EXPECT_FALSE(succeeds([&] { return give_up_all(abi); },
                          [&] { return ::open(store.c_str(), O_RDONLY | O_TRUNC) >= 0; }));
    EXPECT_EQ(std::filesystem::file_size(store), 7U);
    EXPECT_TRUE(succeeds([&] { return give_up_all(abi); },
                         [&] { return ::open(store.c_str(), O_RDONLY) >= 0; }));
  }
}

TEST_F(GivenUpTest, FilesOfItsOwnCanBeEmptiedAsTheyAreOpened) {
  for (int mode : {O_WRONLY, O_RDWR})
    EXPECT_TRUE(succeeds(give_up_calls,
                         [&] { return ::open(store.c_str(), mode | O_TRUNC | O_CREAT) >= 0; }));
}

TEST(LandlockTest, WhatAnAbiLacksIsNamed) {
  EXPECT_THAT(landlock::lacking(0), HasSubstr("no Landlock"));
  EXPECT_THAT(landlock::lacking(kDebian12),
              HasSubstr("(ABI 2) does not decide about truncating files, TCP, requests to devices, "
                        "signals and abstract sockets"));
  EXPECT_THAT(landlock::lacking(3), Not(HasSubstr("truncating")));
  EXPECT_THAT(landlock::lacking(5), HasSubstr("signals"));
  EXPECT_THAT(landlock::lacking(6), IsEmpty());
}

TEST(LandlockTest, AKernelWithoutItIsRefusedNamingTheSettingThatAllowsIt) {
  EXPECT_THAT(landlock::require(1), IsOk());
  auto refused = landlock::require(0);
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(refused.error().message(), HasSubstr("'strict = false' in [service]"));
}

}  // namespace
}  // namespace strongroom
