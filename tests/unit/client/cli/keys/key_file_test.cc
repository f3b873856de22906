#include "client/cli/keys/key_file.h"

#include <gmock/gmock.h>

#include "client/cli/format/names.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/keys/openssh.h"
#include "client/cli/keys/pem.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

Outcome<SecretBytes> nobody_answers() {
  return failed(ExitCode::Usage, "nobody answers");
}

AskPassphrase answering(std::string_view passphrase) {
  return [passphrase]() -> Outcome<SecretBytes> {
    ByteView bytes = view_of(passphrase);
    return SecretBytes(bytes.begin(), bytes.end());
  };
}

std::string pem(std::string_view label, ByteView data) {
  return std::string(text_of(to_pem(label, data)));
}

Outcome<KeyMaterial> read_pem(std::string_view text, const AskPassphrase& ask = nobody_answers) {
  EXPECT_EQ(form_of(view_of(text)), KeyForm::Pem);
  return read_key(view_of(text), KeyForm::Pem, ask);
}

class KeyFile : public ::testing::Test {
 protected:
  testing::Key key_ = testing::generate_ecc("prime256v1");
  Bytes point_ = testing::exported_point(key_);
  std::string private_ = pem("PRIVATE KEY", testing::private_info(key_));
  std::string public_ = pem("PUBLIC KEY", testing::public_info(key_));
};

TEST_F(KeyFile, FormIsWhatTheContentSays) {
  EXPECT_EQ(form_of(view_of("some text\n" + private_)), KeyForm::Pem);
  EXPECT_EQ(form_of(testing::private_info(key_)), KeyForm::Der);
  EXPECT_EQ(form_of(view_of("ssh-rsa AAAA")), KeyForm::OpenSsh);
  EXPECT_EQ(form_of(view_of("---- BEGIN SSH2 PUBLIC KEY ----")), KeyForm::OpenSsh);
  EXPECT_EQ(form_of(point_), std::nullopt);
  EXPECT_EQ(form_of({}), std::nullopt);
}

TEST_F(KeyFile, DerOfEachKindIsRecognized) {
  using Kind = psa::KeyType::Kind;
  testing::Key rsa = testing::generate_rsa(1024);
  for (auto [der, kind] : {std::pair{testing::private_info(key_), Kind::EccKeyPair},
                           {testing::traditional_private(key_), Kind::EccKeyPair},
                           {testing::public_info(key_), Kind::EccPublicKey},
                           {testing::private_info(rsa), Kind::RsaKeyPair},
                           {testing::traditional_private(rsa), Kind::RsaKeyPair},
                           {testing::public_info(rsa), Kind::RsaPublicKey},
                           {testing::exported_rsa(rsa), Kind::RsaPublicKey}}) {
    Outcome<KeyMaterial> read = read_key(der, KeyForm::Der, nobody_answers);
    ASSERT_TRUE(read) << static_cast<int>(kind);
    EXPECT_EQ(read->type.kind, kind);
    for (std::size_t size = 0; size < der.size(); ++size)
      EXPECT_FALSE(read_key(ByteView(der).first(size), KeyForm::Der, nobody_answers));
  }
}

TEST_F(KeyFile, PrivateKeyComesBeforeWhatStandsBesideIt) {
  std::string certificate = pem("CERTIFICATE", view_of("not looked at"));
  Outcome<KeyMaterial> read = read_pem(certificate + public_ + private_ + certificate);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->type.kind, psa::KeyType::Kind::EccKeyPair);
  read = read_pem(certificate + public_);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->type.kind, psa::KeyType::Kind::EccPublicKey);
}

TEST_F(KeyFile, TwoOfAKindAreAmbiguous) {
  std::string ec = pem("EC PRIVATE KEY", testing::traditional_private(key_));
  for (const std::string& text : {private_ + private_, private_ + ec, public_ + public_}) {
    EXPECT_EQ(read_pem(text).error().code, ExitCode::InvalidData);
    EXPECT_THAT(read_pem(text).error().message, HasSubstr("which one is meant is open"));
  }
}

TEST_F(KeyFile, OtherBlocksAreNamed) {
  EXPECT_EQ(read_pem(pem("CERTIFICATE REQUEST", view_of("x"))).error().message,
            "it holds a CERTIFICATE REQUEST, not a key");
  EXPECT_EQ(read_pem(pem("X509 CRL", view_of("x")) + pem("PKCS7", view_of("x"))).error().message,
            "it holds a X509 CRL, a PKCS7, not a key");
}

TEST_F(KeyFile, LabelThatLiesIsInvalidData) {
  for (std::string_view label : {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "CERTIFICATE",
                                 "RSA PUBLIC KEY", "ENCRYPTED PRIVATE KEY"})
    EXPECT_EQ(read_pem(pem(label, testing::public_info(key_)), answering("x")).error().code,
              ExitCode::InvalidData)
        << label;
}

TEST_F(KeyFile, OpenSshPrivateKeyComesWithAWayOut) {
  // Of type ssh-rsa, and without a passphrase.
  SecretBytes content = *from_base64(
      "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAACwAAAAdzc2gtcnNhAAAAAXg=");
  Outcome<KeyMaterial> read = read_pem(pem("OPENSSH PRIVATE KEY", content));
  EXPECT_EQ(read.error().code, ExitCode::NotSupported);
  EXPECT_THAT(read.error().advice, HasSubstr("ssh-keygen -p -m PKCS8 -f"));
}

TEST_F(KeyFile, EncryptedKeyAsksForItsPassphrase) {
  std::string text = testing::encrypted_pem(key_, "open sesame");
  EXPECT_THAT(text, HasSubstr("BEGIN ENCRYPTED PRIVATE KEY"));
  EXPECT_EQ(read_pem(text).error().message, "nobody answers");
  EXPECT_THAT(read_pem(text, answering("open barley")).error().message,
              HasSubstr("the passphrase is not the one"));
  Outcome<KeyMaterial> read = read_pem(text, answering("open sesame"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->data, read_pem(private_)->data);
}

TEST_F(KeyFile, NoWrongPassphraseGivesAKey) {
  std::string text = testing::encrypted_pem(key_, "right");
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(read_pem(text, answering(fmt::format("wrong {}", i))).error().code,
              ExitCode::InvalidData);
}

TEST_F(KeyFile, UnknownCipherIsNotSupported) {
  std::string text =
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ROT13,00\n\nAQID\n"
      "-----END EC PRIVATE KEY-----\n";
  EXPECT_EQ(read_pem(text, answering("x")).error().code, ExitCode::NotSupported);
}

TEST_F(KeyFile, BareKeysAreWhatTheUserSays) {
  SecretBytes scalar = read_pem(private_)->data;
  TypeAndSize p256 = *type_from("ecc-p256");
  EXPECT_EQ(read_bare_key(scalar, p256, nobody_answers)->type.kind, psa::KeyType::Kind::EccKeyPair);
  EXPECT_EQ(read_bare_key(point_, p256, nobody_answers)->type.kind,
            psa::KeyType::Kind::EccPublicKey);
  EXPECT_EQ(read_bare_key(view_of("short"), p256, nobody_answers).error().code,
            ExitCode::InvalidData);
  EXPECT_EQ(read_bare_key(view_of("no DER"), *type_from("rsa-2048"), nobody_answers).error().code,
            ExitCode::InvalidData);
  EXPECT_EQ(read_bare_key(Bytes(16), *type_from("aes-128"), nobody_answers)->data.size(), 16U);
}

}  // namespace
}  // namespace strongroom::cli
