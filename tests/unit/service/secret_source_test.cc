#include "service/provider_use/secret_source.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

class SecretSourceTest : public ::testing::Test {
 protected:
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  std::string write(const std::string& name, std::string_view content, mode_t mode = 0600) {
    std::string path = directory / name;
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  static std::string read_from(const config::SecretSource& source) {
    const Result<SecretBuffer> secret = read_secret(source);
    EXPECT_THAT(secret, IsOk());
    return secret ? std::string(text_of(secret->reveal())) : "";
  }
  static Result<SecretBuffer> read_file(const std::string& path) {
    return read_secret({config::SecretSource::Kind::File, path});
  }

  testing::TemporaryDirectory directory;
};

TEST_F(SecretSourceTest, NoneIsEmpty) {
  EXPECT_EQ(read_from({}), "");
}

TEST_F(SecretSourceTest, AFileGivesItsBytesWithoutOneLineFeedAtTheEnd) {
  using enum config::SecretSource::Kind;
  EXPECT_EQ(read_from({File, write("a", "secret\n")}), "secret");
  EXPECT_EQ(read_from({File, write("b", "secret")}), "secret");
  EXPECT_EQ(read_from({File, write("c", "two\nlines\n\n")}), "two\nlines\n");
  EXPECT_EQ(read_from({File, write("d", "")}), "");
}

TEST_F(SecretSourceTest, AFileThatOthersMayReadIsRefused) {
  for (mode_t mode : {0640U, 0604U, 0660U}) {
    const auto refused = read_file(write("open", "secret", mode));
    ASSERT_THAT(refused, FailsWith(Status::PsaErrorNotPermitted));
    EXPECT_THAT(refused.error().message(), HasSubstr("lets others in, want 0600"));
    EXPECT_THAT(refused.error().message(), ::testing::Not(HasSubstr("secret'")));
  }
}

TEST_F(SecretSourceTest, WhatIsNoFileOrTooLongIsRefused) {
  EXPECT_THAT(read_file(directory / "absent"), FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(read_file(directory / ""), FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(read_file(write("long", std::string(1025, 'x'))),
              FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(read_file(write("longest", std::string(1024, 'x'))), IsOk());
}

TEST_F(SecretSourceTest, ACredentialStandsWhereTheServiceManagerPutsIt) {
  const config::SecretSource source{config::SecretSource::Kind::Credential, "pin"};
  EXPECT_THAT(read_secret(source), FailsWith(Status::PsaErrorNotPermitted));
  write("pin", "secret", 0440);
  ::setenv("CREDENTIALS_DIRECTORY", std::string(directory / "").c_str(), 1);
  EXPECT_EQ(read_from(source), "secret");
}

}  // namespace
}  // namespace strongroom
