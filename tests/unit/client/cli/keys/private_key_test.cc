#include "client/cli/keys/private_key.h"

#include <gmock/gmock.h>

#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"
#include "client/cli/keys/pem.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

SecretBytes integer(std::uint8_t value) {
  return der::small_integer(value);
}

TEST(PrivateKey, EccKeysOfOpensslAreReadAndReadByItAgain) {
  for (const Curve& curve : curves()) {
    if (!curve.is_weierstrass()) continue;
    testing::Key key = testing::generate_ecc(curve.openssl_name);
    Outcome<KeyMaterial> read = from_private_key_info(testing::private_info(key));
    ASSERT_TRUE(read) << curve.openssl_name;
    EXPECT_EQ(read->type, (psa::KeyType{psa::KeyType::Kind::EccKeyPair, curve.family}));
    EXPECT_EQ(read->bits, curve.bits);
    EXPECT_EQ(from_ec_private_key(testing::traditional_private(key))->data, read->data);
    for (const Bytes& point : {testing::exported_point(key), Bytes()}) {
      SecretBytes pem = to_pem("PRIVATE KEY", *private_key_info(*read, point));
      testing::Key again = testing::read_private_pem(text_of(pem));
      ASSERT_NE(again, nullptr) << curve.openssl_name;
      EXPECT_EQ(EVP_PKEY_eq(again.get(), key.get()), 1) << curve.openssl_name;
    }
  }
}

TEST(PrivateKey, RsaKeysOfOpensslAreReadAndReadByItAgain) {
  testing::Key key = testing::generate_rsa(2048);
  Bytes pkcs1 = testing::traditional_private(key);
  Outcome<KeyMaterial> read = from_private_key_info(testing::private_info(key));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bits, 2048U);
  EXPECT_EQ(copy_of(read->data), pkcs1);
  EXPECT_EQ(from_rsa_private_key(pkcs1)->data, read->data);
  EXPECT_EQ(copy_of(*private_key_info(*read, {})), testing::private_info(key));
}

TEST(PrivateKey, KeysOfRfc8410AreReadAndWritten) {
  for (const char* name : {"X25519", "X448", "ED25519", "ED448"}) {
    testing::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, name));
    Bytes info = testing::private_info(key);
    Outcome<KeyMaterial> read = from_private_key_info(info);
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(copy_of(*private_key_info(*read, {})), info);
  }
}

TEST(PrivateKey, EdwardsKeysAreAsLongAsRfc8032Has) {
  for (auto [name, bits, size] : {std::tuple("ED25519", 255U, 32U), {"ED448", 448U, 57U}}) {
    testing::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, name));
    Outcome<KeyMaterial> read = from_private_key_info(testing::private_info(key));
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->type.curve_family, psa::EccFamily::TwistedEdwards);
    EXPECT_EQ(read->bits, bits);
    EXPECT_EQ(read->data.size(), size);
  }
}

TEST(PrivateKey, ScalarWithoutItsLeadingZerosGetsThem) {
  SecretBytes curve = der::object_identifier(curve_of_ssh("nistp256")->identifier);
  SecretBytes scalar = der::element(der::kOctetString, {view_of("\x01\x02\x03")});
  SecretBytes key = der::element(der::kSequence,
                                 {integer(1), scalar, der::element(der::constructed(0), {curve})});
  Outcome<KeyMaterial> read = from_ec_private_key(key);
  ASSERT_TRUE(read);
  EXPECT_EQ(to_hex(read->data), std::string(58, '0') + "010203");
}

TEST(PrivateKey, CurveMayStandElsewhereButSomewhereItMust) {
  SecretBytes scalar = der::element(der::kOctetString, {Bytes(32, std::byte{1})});
  SecretBytes key = der::element(der::kSequence, {integer(1), scalar});
  SecretBytes curve = der::object_identifier(curve_of_ssh("nistp256")->identifier);
  EXPECT_TRUE(from_ec_private_key(key, curve));
  EXPECT_THAT(from_ec_private_key(key).error().message, HasSubstr("does not name its curve"));
  SecretBytes explicit_parameters = der::element(der::kSequence, {integer(1)});
  EXPECT_THAT(from_ec_private_key(key, explicit_parameters).error().message,
              HasSubstr("by parameters"));
  SecretBytes wide = der::element(der::kOctetString, {Bytes(33, std::byte{1})});
  EXPECT_EQ(
      from_ec_private_key(der::element(der::kSequence, {integer(1), wide}), curve).error().code,
      ExitCode::InvalidData);
}

TEST(PrivateKey, EveryTruncationIsInvalidData) {
  Bytes info = testing::private_info(testing::generate_ecc("prime256v1"));
  Bytes pkcs1 = testing::traditional_private(testing::generate_rsa(1024));
  for (std::size_t size = 0; size < info.size(); ++size)
    EXPECT_EQ(from_private_key_info(ByteView(info).first(size)).error().code,
              ExitCode::InvalidData);
  for (std::size_t size = 0; size < pkcs1.size(); ++size)
    EXPECT_EQ(from_rsa_private_key(ByteView(pkcs1).first(size)).error().code,
              ExitCode::InvalidData);
}

TEST(PrivateKey, KindsWithoutAFormAreNotSupported) {
  // id-dsa without parameters: all that is looked at.
  SecretBytes dsa = der::element(der::kSequence, {der::object_identifier(oid::kDsa)});
  Outcome<KeyMaterial> read = from_private_key_info(der::element(
      der::kSequence, {integer(0), dsa, der::element(der::kOctetString, {integer(1)})}));
  EXPECT_EQ(read.error().code, ExitCode::NotSupported);
  EXPECT_THAT(read.error().message, HasSubstr("a DSA key, which the service cannot hold"));
  KeyMaterial aes{
      .type = {psa::KeyType::Kind::Aes, std::nullopt}, .bits = 128, .data = SecretBytes(16)};
  EXPECT_EQ(private_key_info(aes, {}).error().code, ExitCode::NotSupported);
  SecretBytes three_primes =
      der::element(der::kSequence, {integer(1), integer(3), integer(3), integer(3), integer(3),
                                    integer(3), integer(3), integer(3), integer(3)});
  EXPECT_EQ(from_rsa_private_key(three_primes).error().code, ExitCode::NotSupported);
}

}  // namespace
}  // namespace strongroom::cli
