// What workers give up, piece by piece, and on kernels that have less of it.
#include "tests/unit/token_worker/given_up.h"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "service/token_worker/early_calls.h"
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

TEST_F(GivenUpTest, NoModeAndNoOwnerIsChangedOfWhatIsOpenEither) {
  const UniqueFd own(::open(store.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(succeeds(give_up_calls, [&] { return ::fchmod(own.get(), 0777) == 0; }));
  EXPECT_FALSE(
      succeeds(give_up_calls, [&] { return ::fchown(own.get(), ::getuid(), ::getgid()) == 0; }));
}

// What Landlock lacks, before the module is loaded.
TEST_F(GivenUpTest, AModuleThatBeginsStartsNothingAndExecutesNothing) {
  const auto give_up = []() -> Result<> {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return forbid_what_no_module_needs(Sandbox::Files);
  };
  const std::function<bool()> attempts[] = {
      [] { return ::syscall(SYS_fork) >= 0; },
      [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0; },
      [] {
        ::execl("/bin/true", "/bin/true", nullptr);
        return errno != EPERM;
      },
      [] { return ::kill(::getppid(), 0) == 0; },
      [] { return ::syscall(SYS_kill, 0x1'0000'0000L | ::getppid(), 0) == 0; },
      [] { return ::syscall(SYS_io_uring_setup, 1, nullptr) >= 0 || errno != EPERM; },
      [] { return ::syscall(SYS_userfaultfd, 0) >= 0 || errno != EPERM; },
      [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; },
      [] { return ::syscall(SYS_socket, 0x1'0000'0000L | AF_UNIX, SOCK_STREAM, 0) >= 0; },
      [] { return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0; },
      [] { return ::fcntl(STDERR_FILENO, F_SETOWN, ::getppid()) == 0; },
      [&] { return ::chmod(store.c_str(), 0777) == 0; },
      [&] { return ::truncate(store.c_str(), 0) == 0; },
      [&] { return ::open(store.c_str(), O_RDONLY | O_TRUNC) >= 0; },
  };
  for (const auto& attempt : attempts)
    EXPECT_FALSE(succeeds(give_up, attempt)) << &attempt - attempts;
  EXPECT_TRUE(succeeds(give_up, [] {
    bool has_run = false;
    std::thread([&] { has_run = true; }).join();
    return has_run;
  }));
}

// Of the user, as the service and the other workers are.
TEST_F(GivenUpTest, NoDescriptorSignalsAnotherProcess) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const int other = ::getpid();
  const f_owner_ex owner{F_OWNER_PID, other};
  int on = 1;
  const std::function<bool()> attempts[] = {
      [&] { return ::fcntl(ends[0], F_SETOWN, other) == 0; },
      [&] { return ::fcntl(ends[0], F_SETOWN_EX, &owner) == 0; },
      [&] { return ::fcntl(ends[0], F_SETSIG, SIGKILL) == 0; },
      [&] { return ::fcntl(ends[0], F_SETFL, O_ASYNC) == 0; },
      [&] { return ::fcntl(ends[0], F_NOTIFY, DN_ACCESS) == 0; },
      [&] { return ::ioctl(ends[0], FIOSETOWN, &other) == 0; },
      [&] { return ::ioctl(ends[0], SIOCSPGRP, &other) == 0; },
      [&] { return ::ioctl(ends[0], FIOASYNC, &on) == 0; },
      // The kernel looks at the lower half of the register alone.
      [&] { return ::syscall(SYS_fcntl, ends[0], 0x1'0000'0000L | F_SETOWN, other) == 0; },
  };
  for (const auto& attempt : attempts)
    EXPECT_FALSE(succeeds(give_up_calls, attempt)) << &attempt - attempts;
  EXPECT_TRUE(succeeds(give_up_calls, [&] { return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0; }));
  EXPECT_TRUE(succeeds(give_up_calls, [&] { return ::ioctl(ends[0], FIONBIO, &on) == 0; }));
}

TEST_F(GivenUpTest, PrioritiesAndCoresOfOthersAreLeftAlone) {
  const pid_t other = ::getpid();
  cpu_set_t cores;
  ASSERT_EQ(::sched_getaffinity(0, sizeof cores, &cores), 0);
  EXPECT_FALSE(succeeds(give_up_calls, [&] {
    return ::setpriority(PRIO_PROCESS, static_cast<id_t>(other), 1) == 0;
  }));
  EXPECT_FALSE(
      succeeds(give_up_calls, [] { return ::setpriority(PRIO_USER, ::getuid(), 1) == 0; }));
  EXPECT_FALSE(succeeds(give_up_calls,
                        [&] { return ::sched_setaffinity(other, sizeof cores, &cores) == 0; }));
  EXPECT_TRUE(succeeds(give_up_calls, [&] {
    return ::setpriority(PRIO_PROCESS, 0, 19) == 0 &&
           ::sched_setaffinity(0, sizeof cores, &cores) == 0;
  }));
}

TEST_F(GivenUpTest, NetlinkHasTheProtocolOfItsClassAlone) {
  const auto makes = [](Sandbox sandbox, int protocol) {
    return succeeds(
        [=]() -> Result<> {
          ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
          return restrict_system_calls(sandbox);
        },
        [=] { return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol) >= 0; });
  };
  EXPECT_TRUE(makes(Sandbox::Usb, NETLINK_KOBJECT_UEVENT));
  EXPECT_TRUE(makes(Sandbox::Network, NETLINK_ROUTE));
  for (Sandbox sandbox : {Sandbox::Usb, Sandbox::Network})
    for (int protocol : {NETLINK_SOCK_DIAG, NETLINK_AUDIT, NETLINK_GENERIC})
      EXPECT_FALSE(makes(sandbox, protocol));
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

TEST(LandlockTest, LinksThatLeadBackAreNotFollowed) {
  const testing::TemporaryDirectory directory;
  std::ofstream(directory / "hidden") << "state";
  std::ofstream(directory / "library") << "code";
  std::filesystem::create_directory(directory / "below");
  std::filesystem::create_symlink(directory.path(), directory / "below/back");
  std::filesystem::create_symlink(".", directory / "itself");
  EXPECT_THAT(landlock::without(directory.path(), {directory / "hidden"}),
              ::testing::UnorderedElementsAre(HasSubstr("/library"), HasSubstr("/below")));
}

TEST(LandlockTest, AKernelWithoutItIsRefusedNamingTheSettingThatAllowsIt) {
  EXPECT_THAT(landlock::require(1), IsOk());
  auto refused = landlock::require(0);
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(refused.error().message(), HasSubstr("'strict = false' in [service]"));
}

}  // namespace
}  // namespace strongroom
