#include "service/auth/peer_process.h"

#include <csignal>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

UniqueFd pidfd_of(pid_t pid) {
  return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

TEST(PeerProcess, HasNotExitedWhileItLives) {
  EXPECT_FALSE(PeerProcess(pidfd_of(::getpid())).has_exited());
}

TEST(PeerProcess, HasExitedWhetherItWasReapedOrNot) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const PeerProcess process(pidfd_of(child));
  EXPECT_FALSE(process.has_exited());
  ::kill(child, SIGKILL);
  siginfo_t how{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &how, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(process.has_exited());
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(process.has_exited());
}

TEST(PeerProcess, HasExitedWhenNothingCanBeKnown) {
  EXPECT_TRUE(PeerProcess(UniqueFd()).has_exited());
}

}  // namespace
}  // namespace strongroom
