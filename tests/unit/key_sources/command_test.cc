#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "service/key_sources/key_sources.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kRefused = Status::KeyInfoManagerError;
constexpr auto kSecret = "0123456789abcdef0123456789abcdef";

class CommandKeySourceTest : public ::testing::Test {
 protected:
  std::string script(const std::string& text) {
    const std::string path = directory_ / "program";
    std::ofstream(path) << "#!/bin/sh\n" << text << '\n';
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    return path;
  }
  std::string complaint(const std::string& text, std::chrono::milliseconds limit = 10s) {
    auto source = command_key_source(script(text), limit);
    EXPECT_THAT(source, FailsWith(kRefused));
    return source ? "none" : source.error().message();
  }

  TemporaryDirectory directory_;
};

TEST_F(CommandKeySourceTest, GivesAllThatTheProgramPrints) {
  const std::string program = script(fmt::format("printf '%s\\n\\0' {}; echo well >&2", kSecret));
  auto source = command_key_source(program);
  ASSERT_THAT(source, IsOk());
  EXPECT_EQ((*source)->name(), "command:" + program);
  EXPECT_TRUE((*source)->may_have_been_used());
  Result<SecretBuffer> material = (*source)->read({});
  ASSERT_THAT(material, IsOk());
  EXPECT_EQ(text_of(material->reveal()), std::string(kSecret) + "\n" + std::string(1, '\0'));
}

TEST_F(CommandKeySourceTest, RunsItOnce) {
  const std::string trace = directory_ / "trace";
  auto source = command_key_source(script(fmt::format("echo ran >>{}; echo {}", trace, kSecret)));
  ASSERT_THAT(source, IsOk());
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT((*source)->read({}), IsOk());
  EXPECT_EQ(std::filesystem::file_size(trace), 4U);
}

TEST_F(CommandKeySourceTest, SaysHowItFailedInItsWords) {
  EXPECT_THAT(complaint("printf 'no \\033[1mtoken\\n' >&2; exit 3"),
              AllOf(HasSubstr("program': exit code 3; it said 'no \\x1b[1mtoken'"),
                    Not(HasSubstr("\x1b"))));
  EXPECT_THAT(complaint("kill -9 $$"), HasSubstr("ended by signal 9"));
  EXPECT_THAT(complaint("echo short"), HasSubstr("printed 6 bytes, fewer than 32"));
  EXPECT_THAT(complaint("head -c 5000 /dev/zero"), HasSubstr("printed more than 4096 bytes"));
}

TEST_F(CommandKeySourceTest, NeverRepeatsWhatItPrinted) {
  EXPECT_THAT(complaint(fmt::format("echo {}; exit 1", kSecret)), Not(HasSubstr("0123456789")));
}

TEST_F(CommandKeySourceTest, HearsOutAProgramThatSaysMuchAndQuotesLittle) {
  const std::string said = complaint("yes error | head -c 1000000 >&2; exit 1");
  EXPECT_THAT(said, HasSubstr("exit code 1; it said 'error"));
  EXPECT_LT(said.size(), 3000U);
}

TEST_F(CommandKeySourceTest, EndsAProgramThatTakesTooLongWithAllThatItStarted) {
  const std::string pids = directory_ / "pids";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(complaint(fmt::format("sleep 60 & echo $! >{}; echo waiting >&2; wait", pids), 500ms),
              AllOf(HasSubstr("not done within 500 ms"), HasSubstr("it said 'waiting'")));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  pid_t grandchild = 0;
  std::ifstream(pids) >> grandchild;
  ASSERT_GT(grandchild, 0);
  for (int i = 0; i < 500 && ::kill(grandchild, 0) == 0; ++i) {
    // A child of init's now, or of a subreaper that does not reap.
    std::ifstream stat(fmt::format("/proc/{}/stat", grandchild));
    std::string line;
    std::getline(stat, line);
    if (line.contains(") Z ")) break;
    ::usleep(10'000);
    EXPECT_LT(i, 499) << "it goes on";
  }
}

TEST_F(CommandKeySourceTest, GivesItNothingOfOurs) {
  ASSERT_EQ(::setenv("STRONGROOM_TEST_LEAK", "leak", 1), 0);
  const int open = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(open, 0);
  ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
  auto source = command_key_source(
      script("env; ls /proc/self/fd | tr '\\n' ' '; cat; echo; echo 0123456789abcdef0123456789"));
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::unsetenv("STRONGROOM_TEST_LEAK");
  ::close(open);
  ASSERT_THAT(source, IsOk());
  const std::string printed(text_of((*source)->read({})->reveal()));
  EXPECT_THAT(printed, Not(HasSubstr("leak")));
  EXPECT_THAT(printed, HasSubstr("LC_ALL=C"));
  EXPECT_THAT(printed, HasSubstr("CREDENTIALS_DIRECTORY=/run/credentials/x"));
  EXPECT_THAT(printed, HasSubstr("0 1 2 3 \n")) << "3 is what ls reads";
}

TEST_F(CommandKeySourceTest, RefusesAProgramThatOthersMayChange) {
  const std::string program = script(fmt::format("echo {}", kSecret));
  ASSERT_EQ(::chmod(program.c_str(), 0720), 0);
  auto source = command_key_source(program);
  ASSERT_THAT(source, FailsWith(kRefused));
  EXPECT_THAT(source.error().message(), HasSubstr("lets others change it"));
  EXPECT_THAT(command_key_source(directory_.path()), FailsWith(kRefused));
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
  ASSERT_EQ(::chown(program.c_str(), 64001, 64001), 0);
  EXPECT_THAT(command_key_source(program), FailsWith(kRefused));
}

TEST_F(CommandKeySourceTest, SaysWhatIsNotThereOrCannotRun) {
  auto absent = command_key_source(directory_ / "absent");
  ASSERT_THAT(absent, FailsWith(kRefused));
  EXPECT_THAT(absent.error().message(), HasSubstr("No such file"));
  const std::string program = script("");
  ASSERT_EQ(::chmod(program.c_str(), 0600), 0);
  auto source = command_key_source(program);
  ASSERT_THAT(source, FailsWith(kRefused));
  EXPECT_THAT(source.error().message(), HasSubstr("Permission denied"));
}

TEST_F(CommandKeySourceTest, LeavesNoProcessBehind) {
  EXPECT_THAT(command_key_source(script(fmt::format("echo {}", kSecret))), IsOk());
  complaint("exit 1");
  complaint("sleep 60", 100ms);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "no child is left";
}

}  // namespace
}  // namespace strongroom::testing
