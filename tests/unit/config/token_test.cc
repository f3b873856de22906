// Which token a provider has, and where its PIN is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/grammar.h"
#include "config/parser.h"
#include "config/values/token_uri.h"
#include "config/values/values.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Loaded parse_token(const std::string& keys, const std::string& service = "") {
  return parse("[service]\n" + service + "\n[[provider]]\ntype = \"pkcs11\"\n" + keys, "here",
               fake_accounts());
}

TEST(Token, IsMeantByAUriWhoseModuleStaysAndWhosePinSourceIsTakenOut) {
  const Loaded loaded = parse_token(
      "uri = \"pkcs11:token=my%20keys;serial=1?module-path=/usr/lib/m.so&pin-source=file:///a/p\"");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  const Provider& provider = loaded->providers.at(0);
  EXPECT_EQ(provider.name, "pkcs11");
  EXPECT_EQ(provider.uri.text, "pkcs11:token=my%20keys;serial=1?module-path=/usr/lib/m.so");
  EXPECT_EQ(provider.pin, (SecretSource{SecretSource::Kind::File, "/a/p"}));
  EXPECT_EQ(provider.sessions, 16U);
}

TEST(Token, IsMeantByTheKeysOfItsOwn) {
  const Loaded loaded = parse_token(R"(module = "/usr/lib//m.so"
token = "my keys"
serial = "12"
slot = 0
pin = "credential:token-pin"
sessions = 4
allow_export = true
always_authenticate = true
quirks = ["bare-points", "wrapped-peers"]
isolation = "worker"
workers = 3
sandbox = "pcsc"
paths = ["/var/lib/vendor/"]
environment = ["VENDOR=/etc/v=1"]
)");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_THAT(loaded->providers,
              ElementsAre(Provider{.type = ProviderType::Pkcs11,
                                   .name = "pkcs11",
                                   .module = "/usr/lib/m.so",
                                   .token = {"my keys"},
                                   .serial = {"12"},
                                   .slot = {0},
                                   .pin = {SecretSource::Kind::Credential, "token-pin"},
                                   .sessions = 4,
                                   .allow_export = true,
                                   .always_authenticate = true,
                                   .quirks = {{"bare-points"}, {"wrapped-peers"}},
                                   .isolation = TokenIsolation::Worker,
                                   .workers = 3,
                                   .sandbox = TokenSandbox::Pcsc,
                                   .paths = {{"/var/lib/vendor/"}},
                                   .environment = {{"VENDOR", "/etc/v=1"}}}));
}

TEST(Token, HasAPinInTheConfigurationOnlyWhereThatIsNotStrict) {
  const std::string inline_pin = "module = \"/usr/lib/m.so\"\npin = \"value:31 41\"\n";
  const std::string in_uri = "uri = \"pkcs11:?module-name=m&pin-value=31%2041\"\n";
  for (const std::string& keys : {inline_pin, in_uri}) {
    const Loaded refused = parse_token(keys);
    ASSERT_FALSE(refused);
    EXPECT_THAT(to_string(refused.error().front()), HasSubstr("'strict = false' in [service]"));
    EXPECT_THAT(to_string(refused.error().front()), Not(HasSubstr("41")));
    const Loaded loaded = parse_token(keys, "strict = false");
    ASSERT_TRUE(loaded) << to_string(loaded.error().front());
    EXPECT_EQ(loaded->providers.at(0).pin, (SecretSource{SecretSource::Kind::Inline, "31 41"}));
    EXPECT_EQ(loaded->providers.at(0).uri.text.find("41"), std::string::npos);
  }
}

TEST(Token, HasNoKeysThatOtherTypesOfProvidersHave) {
  int refused = 0;
  for (const KeyDescription& key : describe_grammar()) {
    if (!key.of || key.fallback.empty()) continue;
    const ProviderType other =
        *key.of == ProviderType::Tpm ? ProviderType::Pkcs11 : ProviderType::Tpm;
    const Loaded loaded = parse(fmt::format("[[provider]]\ntype = \"{}\"\n{} = {}\n",
                                            name_of(other), key.name, key.fallback),
                                "here", fake_accounts());
    ASSERT_FALSE(loaded) << key.name;
    const std::string expected =
        fmt::format("'{}' is for providers of type '{}'", key.name, name_of(*key.of));
    refused += std::ranges::any_of(
        loaded.error(), [&](const Problem& problem) { return problem.text.starts_with(expected); });
  }
  EXPECT_GE(refused, 8);  // the defaults of others are no values
}

TEST(TokenUri, ShowsNoValueWhateverIsWrong) {
  for (const std::string_view text :
       {"pkcs11:?pin-value=3141", "pkcs11:?module-name=m&pin-value=3141&pin-value=3141",
        "pkcs11:?module-name=m&pin-value=3141%", "pkcs11:?module-name=m&pin-value=3141&x=1",
        "pkcs11:?module-name=m&pin-source=/a&pin-value=3141", "pkcs11:pin-value=3141"}) {
    const auto uri = token_uri_from(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_THAT(uri.error(), Not(HasSubstr("3141")));
  }
}

TEST(TokenUri, TakesAPinSourceThatIsAFile) {
  const auto source_of = [](const std::string& source) {
    const auto uri = token_uri_from("pkcs11:?module-name=m&pin-source=" + source);
    return uri ? uri->pin.name : "refused: " + uri.error();
  };
  for (const char* source :
       {"/etc/pin", "file:/etc/pin", "file:///etc/pin", "/etc//a/../pin", "%2Fetc/pin"})
    EXPECT_EQ(source_of(source), "/etc/pin") << source;
  for (const char* source : {"pin", "file:pin", "file:", "/etc/", "|/bin/pin", "%7C/bin/pin"})
    EXPECT_THAT(source_of(source), HasSubstr("refused: ")) << source;
}

}  // namespace
}  // namespace strongroom::config
