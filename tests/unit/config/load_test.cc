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

class Fragments : public Load {
 protected:
  void SetUp() override {
    Load::SetUp();
    fs::create_directory(folder_);
    ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    ASSERT_EQ(chmod((folder_ / name).c_str(), 0644), 0);
  }

  std::string first_problem() const {
    const Loaded loaded = load(file_, fake_accounts());
    return loaded ? "none" : to_string(loaded.error().at(0));
  }

  fs::path folder_ = directory_ / "conf.d";
};

TEST_F(Fragments, AreReadInByteOrderOfTheirNames) {
  write("b.toml", "[[socket]]\npath = '/2'\n");
  write("C.toml", "[[socket]]\npath = '/1'\n");
  write("10.toml", "[[socket]]\npath = '/0'\n[service]\nworkers = 3\n");
  const Loaded loaded = load(file_, fake_accounts());
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_THAT(loaded->sockets,
              ElementsAre(Socket{.path = "/0"}, Socket{.path = "/1"}, Socket{.path = "/2"}));
  EXPECT_EQ(loaded->service.workers, 3U);
  EXPECT_EQ(loaded->log.level, log::Level::Error);
}

TEST_F(Fragments, AreNoneWhereOtherFilesStand) {
  write(".a.toml", "not read");
  write("a.toml~", "not read");
  write("README", "not read");
  EXPECT_EQ(first_problem(), "none");
}

TEST_F(Fragments, OfOneFileAddUpWithDefaultsThatWereReplacedBefore) {
  std::ofstream(file_) << "socket = []\n";
  write("a.toml", "[[socket]]\npath = '/a'\n");
  const Loaded loaded = load(file_, fake_accounts());
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_THAT(loaded->sockets, ElementsAre(Socket{.path = "/a"}));
}

TEST_F(Fragments, AreTrustedAsTheMainFileIs) {
  write("a.toml", "");
  ASSERT_EQ(chmod((folder_ / "a.toml").c_str(), 0666), 0);
  EXPECT_EQ(first_problem(),
            (folder_ / "a.toml").native() +
                ": is refused: others may write it (mode 0666); take that away with 'chmod go-w'");
}

TEST_F(Fragments, AreRefusedWhereOthersMayPutThem) {
  ASSERT_EQ(chmod(folder_.c_str(), 0777), 0);
  EXPECT_EQ(first_problem(),
            folder_.native() +
                ": is refused: others may write it (mode 0777); take that away with 'chmod go-w'");
}

TEST_F(Fragments, AreRefusedWhereAnotherUserMayPutThem) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(folder_.c_str(), 64001, 64001), 0);
  EXPECT_EQ(first_problem(),
            folder_.native() +
                ": is refused: it belongs to uid 64001, not to root or to this process's user");
}

TEST_F(Fragments, AreFiles) {
  fs::create_directory(folder_ / "a.toml");
  EXPECT_EQ(first_problem(),
            (folder_ / "a.toml").native() + ": is refused: it is not a regular file");
}

TEST_F(Fragments, StandInADirectory) {
  fs::remove(folder_);
  std::ofstream(folder_) << "";
  EXPECT_EQ(first_problem(), folder_.native() + ": cannot be read: Not a directory");
}

TEST_F(Fragments, ThatCannotBeReadAreNotPassedOver) {
  fs::remove(folder_);
  fs::create_symlink(folder_, folder_);
  EXPECT_EQ(first_problem(),
            folder_.native() + ": cannot be read: Too many levels of symbolic links");
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
