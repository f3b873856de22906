// Security requirement T8: death at each system call of what changes the key of a store.
#include <array>
#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include "tests/fault/fault_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::array kCalls = {"pwrite64", "fdatasync", "fsync", "ftruncate", "renameat2"};

class RekeyKillTest : public InjectionTest {
 protected:
  void SetUp() override {
    InjectionTest::SetUp();
    if (IsSkipped()) return;
    {
      DaemonProcess daemon(place_);
      ASSERT_TRUE(daemon.await_ready());
      for (std::size_t i = 0; i < 3; ++i)
        ASSERT_TRUE(book_.create(book_.name(i)));
      ASSERT_EQ(daemon.stop(), 0);
    }
    keep();
  }
  // As this test's user, who may make directories beside that of the state.
  void keep() { shell("rm -rf '{0}.kept' && cp -a '{0}' '{0}.kept'"); }
  void begin_anew() { shell("rm -rf '{0}' && cp -a '{0}.kept' '{0}'"); }
  void shell(const char* command) {
    ASSERT_EQ(std::system(fmt::format(fmt::runtime(command), place_.state()).c_str()), 0);
  }

  // The same service under a key source of its own.
  std::string configuration(const std::string& key) {
    const std::string path = place_.file(key + ".toml");
    std::ofstream(path) << fmt::format(
        "[service]\nrequire_locked_memory = false\n"
        "[[socket]]\npath = \"{}\"\nmode = \"0666\"\n"
        "[store]\npath = \"{}\"\nkey_source = \"file:{}\"\n[admin]\ngroups = []\n",
        place_.socket(), place_.file("keys.db"), place_.file(key));
    ::chmod(path.c_str(), 0644);
    return path;
  }

  // strongroomd does something and ends; `wrapper` may end it before.
  Ended task(const std::string& key, const std::string& words,
             const std::vector<std::string>& wrapper = {}) {
    std::string whole = fmt::format("printf '%s\\n' '{}' | ", secret_);
    for (const std::string& word : wrapper)
      whole += "'" + word + "' ";
    whole += fmt::format("'{}' --config '{}' {}", place_.program(), configuration(key), words);
    return place_.run({"sh", "-c", whole});
  }
  // Strace ends with who it traces, whose end the shell tells.
  bool dies(const std::string& key, const std::string& words, const char* call, int count) {
    const Ended ended =
        task(key, words, injecting(fmt::format("{}:signal=SIGKILL:when={}", call, count)));
    return ended.exit_code == 128 + SIGKILL || ended.signal == SIGKILL;
  }

  // Whether a start under this source serves, with all keys.
  bool serves(const std::string& key) {
    DaemonProcess daemon(place_, {.configuration = configuration(key)});
    if (!daemon.await_ready()) return false;
    book_.verify();
    EXPECT_EQ(daemon.stop(), 0);
    return true;
  }

  // At each call, until there are no more: `prepare`, `task`, killed there, `expect`.
  template <typename Prepare, typename Expect>
  void at_each_call(const std::string& key, const std::string& words, Prepare prepare,
                    Expect expect) {
    int kills = 0;
    for (const char* call : kCalls)
      for (int count = 1; count <= rounds(40) && !HasFailure(); ++count) {
        SCOPED_TRACE(fmt::format("killed at {} {}", call, count));
        begin_anew();
        prepare();
        if (!dies(key, words, call, count)) break;
        ++kills;
        expect();
      }
    fmt::print("{} kills\n", kills);
    EXPECT_GT(kills, 3);
  }

  std::string rekey_words() { return fmt::format("--rekey 'file:{}'", place_.file("new.key")); }
  void make_recovery_secret() {
    const Ended made = task("store.key", "--recovery-secret");
    ASSERT_EQ(made.exit_code, 0) << made.output;
    const std::size_t begin = made.output.find("    ", made.output.find("once:")) + 4;
    secret_ = made.output.substr(begin, 47);
  }

  KeyBook book_{place_.socket(), "rekey", 0};
  std::string secret_;
};

TEST_F(RekeyKillTest, TheSourceInUseOpensWhereverRekeyingIsCut) {
  at_each_call("store.key", rekey_words(), [] {}, [&] { EXPECT_TRUE(serves("store.key")); });
}

TEST_F(RekeyKillTest, TheNewSourceOpensWhereverItsFirstStartIsCut) {
  const auto rekeyed = [&] { ASSERT_EQ(task("store.key", rekey_words()).exit_code, 0); };
  int kills = 0;
  for (const char* call : kCalls)
    for (int count = 1; count <= rounds(20) && !HasFailure(); ++count) {
      SCOPED_TRACE(fmt::format("killed at {} {}", call, count));
      begin_anew();
      rekeyed();
      DaemonProcess daemon(
          place_, {.wrapper = injecting(fmt::format("{}:signal=SIGKILL:when={}", call, count)),
                   .configuration = configuration("new.key")});
      if (daemon.await_ready()) break;
      ++kills;
      EXPECT_TRUE(serves("new.key"));
    }
  fmt::print("{} kills\n", kills);
  EXPECT_GT(kills, 0);
}

TEST_F(RekeyKillTest, OneSourceOpensWhereverRecoveryIsCut) {
  make_recovery_secret();
  keep();
  at_each_call(
      "new.key", "--recover", [] {},
      [&] { EXPECT_TRUE(serves("new.key") || serves("store.key")); });
}

TEST_F(RekeyKillTest, AllKeysAreThereWhereverRotationIsCut) {
  at_each_call("store.key", "--rotate-store-key", [] {}, [&] { EXPECT_TRUE(serves("store.key")); });
  begin_anew();
  const Ended rotated = task("store.key", "--rotate-store-key");
  EXPECT_EQ(rotated.exit_code, 0);
  EXPECT_THAT(rotated.output, HasSubstr("3 records are sealed anew"));
  EXPECT_TRUE(serves("store.key"));
  expect_clean_fsck();
}

}  // namespace
}  // namespace strongroom::testing
