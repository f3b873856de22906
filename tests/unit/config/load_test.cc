#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/parser.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Load : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(file_) << "[log]\nlevel = 'error'\n";
    ASSERT_EQ(chmod(file_.c_str(), 0644), 0);
  }

  std::string problem() const {
    const Loaded loaded = load(file_, fake_accounts());
    return loaded ? "none" : loaded.error().at(0).text;
  }

  testing::TemporaryDirectory place_;
  fs::path directory_ = fs::canonical(place_.path());
  fs::path file_ = directory_ / "strongroom.toml";
};

TEST_F(Load, ReadsAFileOfOurs) {
  const Loaded loaded = load(file_, fake_accounts());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->log.level, log::Level::Error);
}

TEST_F(Load, RefusesAFileThatOthersMayWrite) {
  ASSERT_EQ(chmod(file_.c_str(), 0664), 0);
  EXPECT_EQ(problem(),
            "is refused: others may write it (mode 0664); take that away with 'chmod go-w'");
  ASSERT_EQ(chmod(file_.c_str(), 0646), 0);
  EXPECT_EQ(problem(),
            "is refused: others may write it (mode 0646); take that away with 'chmod go-w'");
}

TEST_F(Load, RefusesAFileOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(file_.c_str(), 64001, 64001), 0);
  EXPECT_EQ(problem(),
            "is refused: it belongs to uid 64001, not to root or to this process's user");
}

TEST_F(Load, SaysWhyThereIsNothingToRead) {
  fs::remove(file_);
  EXPECT_EQ(problem(), "cannot be opened: No such file or directory");
  fs::create_directory(file_);
  EXPECT_EQ(problem(), "is refused: it is not a regular file");
}

TEST_F(Load, IsNotHeldUpByAPipe) {
  fs::remove(file_);
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(problem(), "is refused: it is not a regular file");
}

TEST_F(Load, RefusesALongFile) {
  std::ofstream(file_) << std::string(kLargestFile + 1, '\n');
  EXPECT_EQ(problem(), "is refused: it is longer than 65536 bytes");
}

TEST_F(Load, StandaloneKeepsAllInOneDirectory) {
  const Loaded loaded = standalone(directory_);
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_THAT(
      loaded->sockets,
      ElementsAre(Socket{.path = directory_ / "strongroom.sock", .mode = {0666}},
                  Socket{.path = directory_ / "admin.sock", .mode = {0600}, .admin = true}));
  EXPECT_EQ(loaded->store.path, directory_ / "keys.db");
  EXPECT_EQ(loaded->store.key_source.path, directory_ / "store.key");
  EXPECT_THAT(loaded->admin.uids,
              ElementsAre(User{.name = std::to_string(geteuid()), .id = geteuid()}));
  EXPECT_THAT(loaded->admin.groups, IsEmpty());
  EXPECT_TRUE(loaded->service.strict);
  EXPECT_FALSE(loaded->service.require_locked_memory);
}

TEST_F(Load, StandaloneRefusesADirectoryThatOthersMayWrite) {
  ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
  const Loaded loaded = standalone(directory_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().at(0).text, "cannot be used: others may write it (mode 0777)");
}

TEST_F(Load, StandaloneRefusesADirectoryThatIsNotThere) {
  const Loaded loaded = standalone(directory_ / "none");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().at(0).text, "cannot be used: No such file or directory");
}

TEST_F(Load, StandaloneRefusesADirectoryOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(directory_.c_str(), 64001, 64001), 0);
  const Loaded loaded = standalone(directory_);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().at(0).text,
            "cannot be used: it belongs to uid 64001, and this process runs as 0");
}

TEST_F(Load, StandaloneRefusesADirectoryTooDeepForASocket) {
  const fs::path deep = directory_ / std::string(100, 'd');
  fs::create_directory(deep);
  const Loaded loaded = standalone(deep);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().at(0).text, "a socket's path is at most 107 bytes long");
}

}  // namespace
}  // namespace strongroom::config
