#include "client/cli/format/output_file.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace strongroom::cli {
namespace {

class OutputFile : public ::testing::Test {
 protected:
  OutputFile() { ::umask(022); }

  std::string path(std::string_view name) const { return directory_ / name; }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static mode_t mode(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  std::size_t files() const {
    auto all = std::filesystem::directory_iterator(path("."));
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(OutputFile, IsThereWithTheModeThatIsDue) {
  EXPECT_TRUE(replace_file(path("new"), nullptr, view_of("text")));
  EXPECT_EQ(content(path("new")), "text");
  EXPECT_EQ(mode(path("new")), 0644U);
  ASSERT_EQ(::chmod(path("new").c_str(), 0640), 0);
  EXPECT_TRUE(replace_file(path("new"), nullptr, view_of("more")));
  EXPECT_EQ(mode(path("new")), 0640U);
  constexpr mode_t kPrivate = 0600;
  EXPECT_TRUE(replace_file(path("new"), &kPrivate, view_of("secret")));
  EXPECT_EQ(content(path("new")), "secret");
  EXPECT_EQ(mode(path("new")), 0600U);
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFile, OfALinkIsWhatTheLinkNames) {
  std::filesystem::create_directory(path("elsewhere"));
  ASSERT_TRUE(replace_file(path("elsewhere/real"), nullptr, view_of("old")));
  std::filesystem::create_symlink("elsewhere/real", path("link"));
  EXPECT_TRUE(replace_file(path("link"), nullptr, view_of("new")));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(content(path("elsewhere/real")), "new");
}

TEST_F(OutputFile, MayBeSomethingElseThanAFile) {
  EXPECT_TRUE(replace_file("/dev/null", nullptr, view_of("text")));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(OutputFile, ThatCannotBeIsNamed) {
  Outcome<> written = replace_file(path("no/such"), nullptr, view_of("text"));
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("no/such"), std::string::npos);
}

TEST_F(OutputFile, StaysAsItWasWhenTheWriteFails) {
  ASSERT_TRUE(replace_file(path("file"), nullptr, view_of("before")));
  pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{.rlim_cur = 1000, .rlim_max = 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    bool failed = !replace_file(path("file"), nullptr, Bytes(5000));
    ::_exit(failed ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(content(path("file")), "before");
  EXPECT_EQ(files(), 1U);
}

TEST_F(OutputFile, IsNotThereWhenASignalEndsTheProgram) {
  for (int round = 0; round < 20; ++round) {
    pid_t child = ::fork();
    if (child == 0) {
      Bytes large(std::size_t{32} << 20);
      while (true)
        std::ignore = replace_file(path("file"), nullptr, large);
    }
    ::usleep(static_cast<useconds_t>(3000 + 1700 * round));
    ::kill(child, SIGINT);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    EXPECT_LE(files(), 1U);
    if (!std::filesystem::exists(path("file"))) continue;
    EXPECT_EQ(std::filesystem::file_size(path("file")), std::size_t{32} << 20);
  }
}

}  // namespace
}  // namespace strongroom::cli
