// Of Parsec's configuration is read where its keys are, as its service reads it.
#include "service/migration/parsec_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom::parsec {
namespace {

using ::testing::ElementsAre;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr std::string_view kWhole = R"(
[core_settings]
allow_root = false
unknown = 1.5
[listener]
listener_type = "DomainSocket"
timeout = 200
[authenticator]
auth_type = "Direct"
admins = [ { name = "root" } ]
[[key_manager]]
name = "files"
manager_type = "OnDisk"
store_path = "/srv/mappings"
[[key_manager]]
name = "rows"
manager_type = "SQLite"
[[provider]]
provider_type = "MbedCrypto"
key_info_manager = "files"
[[provider]]
name = "token"
provider_type = "Pkcs11"
key_info_manager = "rows"
library_path = "/usr/lib/softhsm/libsofthsm2.so"
serial_number = " 0123 "
user_pin = "not to be kept"
[[provider]]
provider_type = "Tpm"
key_info_manager = "rows"
tcti = "device"
owner_hierarchy_auth = "not to be kept"
)";

Result<Configuration> parsed(std::string_view text) {
  return parse_configuration(text, "/etc/parsec/config.toml");
}

std::string complaint(std::string text) {
  const auto configuration = parsed(text);
  EXPECT_THAT(configuration, FailsWith(Status::PsaErrorInvalidArgument));
  return configuration ? "none" : configuration.error().message();
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(kWhole);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(ParsecConfiguration, TellsWhereKeysAre) {
  const auto configuration = parsed(kWhole);
  ASSERT_THAT(configuration, IsOk());
  EXPECT_EQ(configuration->authenticator, 1);
  EXPECT_THAT(
      configuration->key_managers,
      ElementsAre(
          KeyInfoManager{"files", KeyInfoManager::Kind::OnDisk, "/srv/mappings"},
          KeyInfoManager{"rows", KeyInfoManager::Kind::Sqlite,
                         "/var/lib/parsec/kim-mappings/sqlite/sqlite-key-info-manager.sqlite3"}));
  EXPECT_THAT(configuration->providers,
              ElementsAre(SourceProvider{ProviderId::Software, "mbed-crypto-provider", "files", ""},
                          SourceProvider{ProviderId::Pkcs11, "token", "rows", " 0123 "},
                          SourceProvider{ProviderId::Tpm, "tpm-provider", "rows", ""}));
}

TEST(ParsecConfiguration, NamesEachAuthenticatorByItsNumber) {
  EXPECT_EQ(parsed(with("\"Direct\"", "\"UnixPeerCredentials\""))->authenticator, 3);
  EXPECT_EQ(parsed(with("\"Direct\"", "\"JwtSvid\""))->authenticator, 4);
}

TEST(ParsecConfiguration, ThatTheServiceWouldRefuseIsRefusedWithThePlace) {
  EXPECT_THAT(complaint("[authenticator"), HasSubstr("/etc/parsec/config.toml:1"));
  EXPECT_THAT(complaint(""), HasSubstr("[authenticator] is missing"));
  EXPECT_THAT(complaint(with("\"Direct\"", "\"Basic\"")), HasSubstr(":8:"));
  EXPECT_THAT(complaint(with("\"Direct\"", "3")), HasSubstr("must be a string"));
  EXPECT_THAT(complaint(with("auth_type", "type")), HasSubstr("'auth_type' is missing"));
  EXPECT_THAT(complaint(with("\"OnDisk\"", "\"OnTape\"")), HasSubstr("'OnTape'"));
  EXPECT_THAT(complaint(with("\"Tpm\"", "\"Tape\"")), HasSubstr("'Tape'"));
  EXPECT_THAT(complaint(with("name = \"files\"", "")), HasSubstr("'name' is missing"));
  EXPECT_THAT(complaint(with("name = \"files\"", "name = \"file\"")),
              HasSubstr("a key manager that is not there"));
  EXPECT_THAT(complaint(with("name = \"token\"", "name = \"tpm-provider\"")),
              HasSubstr("two providers 'tpm-provider'"));
  EXPECT_THAT(complaint("provider = 3\n" + std::string(kWhole)), HasSubstr(""));
  EXPECT_THAT(complaint("[authenticator]\nauth_type=\"Direct\"\n[provider]\nname=\"a\""),
              HasSubstr("array of tables"));
  EXPECT_THAT(complaint("provider = [ 3 ]\n[authenticator]\nauth_type = \"Direct\""),
              HasSubstr("where a table is wanted"));
}

TEST(ParsecConfiguration, ProvidersAreKnownByTheirUuid) {
  EXPECT_EQ(kind_of_uuid("1e4954a4-ff21-46d3-ab0c-661eeb667e1d"), ProviderId::Tpm);
  EXPECT_EQ(kind_of_uuid("1E4954A4-ff21-46d3-ab0c-661eeb667e1d"), std::nullopt);
  EXPECT_EQ(name_of(ProviderId::TrustedService), "TrustedService");
}

}  // namespace
}  // namespace strongroom::parsec
