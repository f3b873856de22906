#include "client/cli/keys/openssh.h"

#include <gmock/gmock.h>

#include "client/cli/format/text_encoding.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr psa::KeyType kRsa = {psa::KeyType::Kind::RsaKeyPair, std::nullopt};
constexpr psa::KeyType kEdwards = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::TwistedEdwards};
constexpr psa::KeyType kEcc = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};

std::string line_of_p256() {
  Bytes point = testing::exported_point(testing::generate_ecc("prime256v1"));
  return *ssh_public_key(kEcc, 256, point, "me@home");
}

TEST(OpenSsh, WhatIsWrittenIsReadAgain) {
  for (auto [name, bits] : {std::pair{"prime256v1", 256U}, std::pair{"secp384r1", 384U},
                            std::pair{"secp521r1", 521U}}) {
    Bytes point = testing::exported_point(testing::generate_ecc(name));
    Outcome<KeyMaterial> read = from_ssh_public_key(*ssh_public_key(kEcc, bits, point, "me"));
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->bits, bits);
    EXPECT_EQ(copy_of(read->data), point);
  }
  Bytes rsa = testing::exported_rsa(testing::generate_rsa(2048));
  std::string line = *ssh_public_key(kRsa, 2048, rsa, "me");
  EXPECT_THAT(line, StartsWith("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABA"));
  EXPECT_EQ(copy_of(from_ssh_public_key(line)->data), rsa);
}

TEST(OpenSsh, Ed25519KeysAreAsOpensshHasThem) {
  testing::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  Bytes exported = testing::exported_point(key);
  std::string line = *ssh_public_key(kEdwards, 255, exported, "me");
  EXPECT_THAT(line, StartsWith("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
  Outcome<KeyMaterial> read = from_ssh_public_key(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bits, 255U);
  EXPECT_EQ(copy_of(read->data), exported);
  // Ed448 has none, and neither is the curve one of ECDSA.
  EXPECT_EQ(ssh_public_key(kEdwards, 448, Bytes(57), "me").error().code, ExitCode::NotSupported);
  std::string blob = line.substr(line.find(' '));
  EXPECT_FALSE(from_ssh_public_key("ecdsa-sha2-ssh-ed25519" + blob));
  EXPECT_FALSE(from_ssh_public_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAA== me"));
}

// As ssh-keygen 9.2 wrote them.
constexpr std::string_view kPrivate =
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"
    "QyNTUxOQAAACB8QkxBXojP5DHj6Oyj6pGVJfqodeNHFDEaZM/ApKV0nAAAAIjgAOUu4ADl"
    "LgAAAAtzc2gtZWQyNTUxOQAAACB8QkxBXojP5DHj6Oyj6pGVJfqodeNHFDEaZM/ApKV0nA"
    "AAAEAOqEY/0zcTW3Oy5LdB7wmA+qizS+ZO029VhQSogBpxWXxCTEFeiM/kMePo7KPqkZUl"
    "+qh140cUMRpkz8CkpXScAAAAAm1lAQID";
constexpr std::string_view kItsPublicKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxCTEFeiM/kMePo7KPqkZUl"
    "+qh140cUMRpkz8CkpXSc me";

TEST(OpenSsh, PrivateEd25519KeysWithoutAPassphraseAreRead) {
  Outcome<KeyMaterial> read = from_ssh_private_key(*from_base64(kPrivate));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->type, kEdwards);
  testing::Key key(EVP_PKEY_new_raw_private_key_ex(
      nullptr, "ED25519", nullptr, octets(ByteView(read->data)), read->data.size()));
  EXPECT_EQ(testing::exported_point(key),
            copy_of(from_ssh_public_key(std::string(kItsPublicKey))->data));
}

TEST(OpenSsh, PrivateKeysThatAreCutOrAlteredAreInvalidData) {
  SecretBytes whole = *from_base64(kPrivate);
  // Behind the keys there is the comment, and padding that nobody needs.
  constexpr std::size_t kBehind = 4 + 2 + 3;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(from_ssh_private_key(ByteView(whole).first(size)).error().code, ExitCode::InvalidData)
        << size;
  SecretBytes altered = whole;
  altered[whole.size() - kBehind - 1] ^= std::byte{1};
  EXPECT_EQ(from_ssh_private_key(altered).error().code, ExitCode::InvalidData);
}

TEST(OpenSsh, OtherPrivateKeysAreExplained) {
  std::string text(text_of(*from_base64(kPrivate)));
  text.replace(text.find("ssh-ed25519"), 11, "ssh-another");
  Outcome<KeyMaterial> read = from_ssh_private_key(view_of(text));
  EXPECT_EQ(read.error().code, ExitCode::NotSupported);
  EXPECT_THAT(read.error().advice, HasSubstr("-m PKCS8"));
  text = std::string(text_of(*from_base64(kPrivate)));
  text.replace(text.find("none"), 4, "aes1");
  EXPECT_THAT(from_ssh_private_key(view_of(text)).error().advice, HasSubstr("passphrase off"));
}

TEST(OpenSsh, OptionsCommentsAndEmptyLinesAreSkipped) {
  std::string line = line_of_p256();
  for (const std::string& text :
       {"# a comment\n\n  \n" + line, "no-pty,command=\"a \\\" ssh-rsa b\" " + line,
        "\t" + line.substr(0, line.rfind(' ')), "from=\"*.a.example, b\" " + line + "\r\n"}) {
    EXPECT_TRUE(looks_like_ssh_public_key(text)) << text;
    EXPECT_TRUE(from_ssh_public_key(text)) << text;
  }
}

TEST(OpenSsh, TwoKeysAreAmbiguous) {
  Outcome<KeyMaterial> read = from_ssh_public_key(line_of_p256() + line_of_p256());
  EXPECT_EQ(read.error().code, ExitCode::InvalidData);
  EXPECT_THAT(read.error().message, HasSubstr("2 OpenSSH public keys"));
}

TEST(OpenSsh, KeysOfOtherKindsAreNotSupported) {
  for (std::string_view type :
       {"sk-ssh-ed25519@openssh.com", "ssh-dss", "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa-cert-v01@openssh.com"}) {
    Outcome<KeyMaterial> read = from_ssh_public_key(std::string(type) + " AAAA");
    EXPECT_EQ(read.error().code, ExitCode::NotSupported) << type;
    EXPECT_THAT(read.error().message, HasSubstr(type));
  }
}

TEST(OpenSsh, EveryTruncationIsInvalidData) {
  std::string line = line_of_p256();
  std::size_t space = line.find(' ');
  SecretBytes blob = *from_base64(line.substr(space, line.rfind(' ') - space));
  for (std::size_t size = 0; size < blob.size(); ++size) {
    std::string cut = line.substr(0, space + 1) + to_base64(ByteView(blob).first(size));
    EXPECT_EQ(from_ssh_public_key(cut).error().code, ExitCode::InvalidData) << size;
  }
  EXPECT_EQ(from_ssh_public_key("ssh-rsa " + line.substr(space)).error().code,
            ExitCode::InvalidData);
  EXPECT_EQ(from_ssh_public_key("ecdsa-sha2-nistp256 %%%").error().code, ExitCode::InvalidData);
}

TEST(OpenSsh, CommentIsHarmless) {
  Bytes point = testing::exported_point(testing::generate_ecc("prime256v1"));
  EXPECT_THAT(*ssh_public_key(kEcc, 256, point, "a\nssh-rsa AAAA"),
              ::testing::EndsWith(" a\\x0assh-rsa AAAA\n"));
}

TEST(OpenSsh, KeysThatOpenSshLacksAreNotSupported) {
  psa::KeyType koblitz = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpK1};
  EXPECT_EQ(ssh_public_key(koblitz, 256, {}, "").error().code, ExitCode::NotSupported);
}

}  // namespace
}  // namespace strongroom::cli
