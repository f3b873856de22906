#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "service/key_sources/key_sources.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;

class CredentialKeySourceTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("CREDENTIALS_DIRECTORY", directory_.path().c_str(), 1); }
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  std::string complaint() {
    Result<SecretBuffer> material = credential_key_source("store.key")->read({});
    EXPECT_THAT(material, FailsWith(Status::KeyInfoManagerError));
    return material ? "none" : material.error().message();
  }
  void write(const std::string& text) {
    std::ofstream(directory_ / "store.key") << text;
    ASSERT_EQ(::chmod((directory_ / "store.key").c_str(), 0400), 0);
  }

  TemporaryDirectory directory_;
};

TEST_F(CredentialKeySourceTest, IsTheFileOfThatName) {
  write(std::string(40, 'c'));
  auto source = credential_key_source("store.key");
  EXPECT_EQ(source->name(), "credential:store.key");
  Result<StoreKeySource::Provided> provided = source->provide();
  ASSERT_THAT(provided, IsOk());
  EXPECT_EQ(text_of(provided->material.reveal()), std::string(40, 'c'));
  EXPECT_TRUE(provided->kept.empty());
}

TEST_F(CredentialKeySourceTest, ThatIsMissingIsNamedAndNeverMade) {
  EXPECT_THAT(complaint(), HasSubstr("credential 'store.key' is not among those"));
  EXPECT_THAT(credential_key_source("store.key")->provide(),
              FailsWith(Status::KeyInfoManagerError));
  EXPECT_NE(::access((directory_ / "store.key").c_str(), F_OK), 0);
  write("short");
  EXPECT_THAT(complaint(), HasSubstr("fewer than 32 bytes"));
}

TEST_F(CredentialKeySourceTest, NeedsAServiceManager) {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(complaint(), HasSubstr("LoadCredential="));
  ::setenv("CREDENTIALS_DIRECTORY", "relative", 1);
  EXPECT_THAT(complaint(), HasSubstr("LoadCredential="));
}

}  // namespace
}  // namespace strongroom::testing
