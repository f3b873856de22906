#include "service/process/reload_notice.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "service/process/signals.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::chrono::nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

// A daemon that does `answer` at a SIGHUP; ends by itself.
class FakeDaemon {
 public:
  explicit FakeDaemon(const std::function<void()>& answer) {
    // Blocked before the fork, so that no signal comes too early.
    auto signals = Signals::block();
    pid_ = fork();
    if (pid_ == 0) {
      if (signals && signals->wait(10s)) answer();
      _exit(EXIT_SUCCESS);
    }
  }
  ~FakeDaemon() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

class ReloadNoticeTest : public ::testing::Test {
 protected:
  void SetUp() override { setenv("RUNTIME_DIRECTORY", directory_.path().c_str(), 1); }
  void TearDown() override { unsetenv("RUNTIME_DIRECTORY"); }

  TemporaryDirectory directory_;
};

TEST_F(ReloadNoticeTest, IsToldToWhoeverAsked) {
  FakeDaemon daemon([] {
    publish_reload_notice(
        {.begun = now(), .is_applied = true, .message = "generation 2: changed [limits]"});
    std::this_thread::sleep_for(10s);
  });
  EXPECT_THAT(ask_for_reload(daemon.pid(), 10s), IsOkAndHolds("generation 2: changed [limits]"));
}

TEST_F(ReloadNoticeTest, TellsARefusalFromSuccess) {
  FakeDaemon daemon([] {
    publish_reload_notice({.begun = now(), .is_applied = false, .message = "line 1\nline 2"});
    std::this_thread::sleep_for(10s);
  });
  const auto told = ask_for_reload(daemon.pid(), 10s);
  EXPECT_THAT(told, FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_EQ(told.error().message(), "line 1\nline 2");
}

TEST_F(ReloadNoticeTest, OfAReloadThatBeganBeforeIsNotTheAnswer) {
  publish_reload_notice({.begun = now(), .is_applied = true, .message = "earlier"});
  FakeDaemon daemon([] { std::this_thread::sleep_for(10s); });
  const auto told = ask_for_reload(daemon.pid(), 100ms);
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message(), HasSubstr("has not answered within 100 ms"));
}

TEST_F(ReloadNoticeTest, IsNotWaitedForFromAProcessThatEnds) {
  FakeDaemon daemon([] {});
  const auto told = ask_for_reload(daemon.pid(), 10s);
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message(), HasSubstr("has ended"));
}

TEST_F(ReloadNoticeTest, IsNotAskedForWhereNobodyTells) {
  unsetenv("RUNTIME_DIRECTORY");
  FakeDaemon daemon([] {});
  publish_reload_notice({.begun = now(), .is_applied = true, .message = "nobody reads this"});
  const auto told = ask_for_reload(daemon.pid(), 10s);
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().message(), HasSubstr("RUNTIME_DIRECTORY is not set"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(ReloadNoticeTest, IsFoundAmongSeveralDirectoriesInAnyOrder) {
  const std::string own = directory_ / "strongroom/daemon";
  const std::string other = directory_ / "other";
  std::filesystem::create_directories(own);
  std::filesystem::create_directories(other);
  for (const std::string& list : {other + ':' + own, own + ':' + other}) {
    setenv("RUNTIME_DIRECTORY", list.c_str(), 1);
    FakeDaemon daemon([] {
      publish_reload_notice({.begun = now(), .is_applied = true, .message = "done"});
      std::this_thread::sleep_for(10s);
    });
    EXPECT_THAT(ask_for_reload(daemon.pid(), 10s), IsOkAndHolds("done")) << list;
    EXPECT_TRUE(std::filesystem::remove(own + "/reload")) << list;
  }
  EXPECT_TRUE(std::filesystem::is_empty(other));
}

TEST_F(ReloadNoticeTest, IsInTheFirstOfSeveralDirectoriesThatAreNotTheUnits) {
  const std::string list = directory_.path() + ":/nowhere";
  setenv("RUNTIME_DIRECTORY", list.c_str(), 1);
  publish_reload_notice({.begun = now(), .is_applied = true, .message = "done"});
  EXPECT_TRUE(std::filesystem::exists(directory_ / "reload"));
}

TEST_F(ReloadNoticeTest, TakesThePlaceOfADraftThatIsLeftAndFollowsNoLink) {
  std::ofstream(directory_ / "precious") << "precious";
  std::filesystem::create_symlink(directory_ / "precious", directory_ / "reload.new");
  publish_reload_notice({.begun = now(), .is_applied = true, .message = "done"});
  EXPECT_FALSE(std::filesystem::exists(directory_ / "reload.new"));
  const auto status = std::filesystem::symlink_status(directory_ / "reload");
  EXPECT_TRUE(std::filesystem::is_regular_file(status));
  EXPECT_EQ(status.permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ifstream file(directory_ / "precious");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "precious");
}

TEST_F(ReloadNoticeTest, OfGarbageIsNone) {
  std::ofstream(directory_ / "reload") << "99999999999999999999 perhaps";
  FakeDaemon daemon([] { std::this_thread::sleep_for(10s); });
  EXPECT_FALSE(ask_for_reload(daemon.pid(), 50ms));
}

}  // namespace
}  // namespace strongroom::testing
