#include "service/process/arguments.h"

#include <initializer_list>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using Task = Arguments::Task;

Result<Arguments> parsed(std::initializer_list<const char*> words) {
  return parse_arguments({words.begin(), words.size()});
}

std::string complaint(std::initializer_list<const char*> words) {
  const auto arguments = parsed(words);
  return arguments ? "none" : arguments.error().message();
}

TEST(Arguments, AreTheShippedConfigurationWhenThereAreNone) {
  EXPECT_THAT(parsed({}), IsOkAndHolds(Arguments{.config = "/etc/strongroom/strongroom.toml"}));
}

TEST(Arguments, TakeEveryOption) {
  const auto serve = parsed({"--config", "/a", "--init", "--log-level=debug"});
  ASSERT_THAT(serve, IsOk());
  EXPECT_EQ(*serve, (Arguments{.config = "/a", .init = true, .log_level = log::Level::Debug}));
  const auto check = parsed({"--standalone=/b", "--fsck", "--accept"});
  ASSERT_THAT(check, IsOk());
  EXPECT_EQ(check->task, Task::CheckStore);
  EXPECT_EQ(check->standalone, "/b");
  EXPECT_TRUE(check->accept);
  EXPECT_EQ(parsed({"--check-config"})->task, Task::CheckConfiguration);
  const auto rekey = parsed({"--rekey", "tpm:chip", "--pcrs=sha256:7,0"});
  ASSERT_THAT(rekey, IsOk());
  EXPECT_EQ(rekey->task, Task::Rekey);
  EXPECT_EQ(rekey->rekey_to.name, "chip");
  EXPECT_EQ(rekey->rekey_pcrs->mask, 0x81U);
  EXPECT_EQ(parsed({"--rotate-store-key"})->task, Task::Rotate);
  EXPECT_EQ(parsed({"--recovery-secret"})->task, Task::RenewRecoverySecret);
  EXPECT_EQ(parsed({"--recover"})->task, Task::Recover);
  EXPECT_EQ(parsed({"--accept-rollback"})->task, Task::AcceptRollback);
  EXPECT_EQ(parsed({"--forget-store-key"})->task, Task::Forget);
  const auto reload = parsed({"--reload", "12"});
  ASSERT_THAT(reload, IsOk());
  EXPECT_EQ(reload->task, Task::Reload);
  EXPECT_EQ(reload->daemon, 12);
  EXPECT_EQ(parsed({"--version"})->task, Task::ShowVersion);
  EXPECT_EQ(parsed({"--help"})->task, Task::ShowHelp);
}

TEST(Arguments, AreNotGuessedFromTheirBeginnings) {
  EXPECT_EQ(complaint({"--conf", "/a"}), "unknown option '--conf'; did you mean '--config'?");
  EXPECT_EQ(complaint({"--check"}), "unknown option '--check'; did you mean '--check-config'?");
}

TEST(Arguments, ThatAreNotUnderstoodAreNamed) {
  EXPECT_EQ(complaint({"--stand-alone", "/a"}),
            "unknown option '--stand-alone'; did you mean '--standalone'?");
  EXPECT_EQ(complaint({"-c", "/a"}), "unknown option '-c'");
  EXPECT_EQ(complaint({"start"}), "unexpected argument 'start'");
  EXPECT_EQ(complaint({"--", "start"}), "unexpected argument 'start'");
  EXPECT_EQ(complaint({"--config="}), "--config needs FILE");
  EXPECT_EQ(complaint({"--config"}), "--config needs FILE");
  EXPECT_EQ(complaint({"--init=yes"}), "--init takes no value");
  EXPECT_EQ(complaint({"--log-level", "loud"}), "unknown log level 'loud'");
  for (const char* number : {"", "0", "-1", "12x", "99999999999"})
    EXPECT_THAT(complaint({"--reload", number}), HasSubstr(*number == 0 ? "needs PID" : "not the"));
}

TEST(Arguments, ThatContradictEachOtherAreRefused) {
  EXPECT_EQ(complaint({"--init", "--init"}), "--init twice");
  EXPECT_EQ(complaint({"--config", "/a", "--standalone", "/b"}),
            "--standalone brings its own configuration and excludes --config");
  EXPECT_EQ(complaint({"--accept"}), "--accept needs --fsck");
  EXPECT_EQ(
      complaint({"--fsck", "--check-config"}),
      "only one of --check-config, --fsck, --rekey, --rotate-store-key, --recovery-secret,"
      " --recover, --accept-rollback, --forget-store-key, --migrate-parsec, --reload, --version"
      " and --help makes sense");
  EXPECT_EQ(complaint({"--pcrs", "sha256:7"}), "--pcrs needs --rekey tpm:PROVIDER");
  EXPECT_EQ(complaint({"--rekey", "file:/a", "--pcrs", "sha256:7"}),
            "--pcrs needs --rekey tpm:PROVIDER");
  EXPECT_THAT(complaint({"--rekey", "hunter2"}),
              ::testing::AllOf(HasSubstr("--rekey must be \"file:\""),
                               ::testing::Not(HasSubstr("hunter2"))));
  EXPECT_THAT(complaint({"--rekey", "tpm:tpm", "--pcrs", "7"}), HasSubstr("--pcrs must be sha1"));
  EXPECT_EQ(complaint({"--fsck", "--init"}), "--init is for starting the service");
}

TEST(HelpText, NamesEveryOptionAndExitCode) {
  const std::string text = help_text();
  for (const char* part : {"--config FILE",
                           "--standalone DIR",
                           "--check-config",
                           "--fsck",
                           "--accept",
                           "--init",
                           "--rekey SOURCE",
                           "--pcrs PCRS",
                           "--rotate-store-key",
                           "--recovery-secret",
                           "--recover",
                           "--accept-rollback",
                           "--forget-store-key",
                           "--log-level LEVEL",
                           "--reload PID",
                           "--version",
                           "--help",
                           "0    stopped as asked",
                           "1    failed",
                           "2    wrong usage",
                           "78   the config",
                           "conf.d/*.toml",
                           "SIGHUP",
                           "strongroomd(8)"})
    EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace strongroom
