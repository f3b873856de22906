#include "service/process/programs.h"

#include <atomic>
#include <cerrno>
#include <functional>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "service/process/hardening.h"
#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

// In a process of its own, which has given up programs.
bool holds_without_programs(const std::function<bool()>& claim) {
  return testing::holds_in_child(
      [&] { return forbid_new_privileges() && forbid_other_programs() && claim(); });
}

class ProgramsTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "system calls are not restricted in this build";
#endif
  }
};

TEST_F(ProgramsTest, NoFileIsExecuted) {
  EXPECT_TRUE(holds_without_programs([] {
    char* const words[] = {const_cast<char*>("/bin/true"), nullptr};
    ::execve("/bin/true", words, nullptr);
    return errno == EPERM;
  }));
}

TEST_F(ProgramsTest, NoProcessIsStarted) {
  EXPECT_TRUE(holds_without_programs([] { return ::fork() < 0 && errno == EPERM; }));
  EXPECT_TRUE(holds_without_programs([] { return ::syscall(SYS_vfork) < 0 && errno == EPERM; }));
}

TEST_F(ProgramsTest, NoProcessIsLookedInto) {
  EXPECT_TRUE(holds_without_programs(
      [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) < 0 && errno == EPERM; }));
}

TEST_F(ProgramsTest, ThreadsAreStartedAsEver) {
  EXPECT_TRUE(holds_without_programs([] {
    bool has_run = false;
    std::thread([&] { has_run = true; }).join();
    return has_run;
  }));
}

TEST_F(ProgramsTest, ThreadsThatWereThereGiveItUpToo) {
  EXPECT_TRUE(testing::holds_in_child([] {
    std::atomic<bool> may_go = false;
    bool has_forked = true;
    std::thread early([&] {
      while (!may_go)
        std::this_thread::yield();
      has_forked = ::fork() >= 0;
    });
    bool is_restricted = forbid_new_privileges() && forbid_other_programs();
    may_go = true;
    early.join();
    return is_restricted && !has_forked;
  }));
}

}  // namespace
}  // namespace strongroom
