#include "client/cli/keys/public_key.h"

#include <array>

#include <gmock/gmock.h>

#include "client/cli/keys/pem.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr psa::KeyType kRsa = {psa::KeyType::Kind::RsaKeyPair, std::nullopt};

constexpr psa::KeyType ecc(psa::EccFamily family) {
  return {psa::KeyType::Kind::EccKeyPair, family};
}

struct CurveCase {
  const char* name;
  psa::EccFamily family;
  std::uint32_t bits;
};
constexpr std::array kCurves = {
    CurveCase{"prime256v1", psa::EccFamily::SecpR1, 256},
    CurveCase{"secp384r1", psa::EccFamily::SecpR1, 384},
    CurveCase{"secp521r1", psa::EccFamily::SecpR1, 521},
    CurveCase{"secp256k1", psa::EccFamily::SecpK1, 256},
    CurveCase{"brainpoolP384r1", psa::EccFamily::BrainpoolPR1, 384},
};

TEST(PublicKey, PointOfEachCurveIsReadByOpenssl) {
  for (const CurveCase& curve : kCurves) {
    testing::Key key = testing::generate_ecc(curve.name);
    Outcome<Bytes> der =
        public_key_info(ecc(curve.family), curve.bits, testing::exported_point(key));
    ASSERT_TRUE(der) << curve.name;
    testing::Key read = testing::read_public_der(*der);
    ASSERT_NE(read, nullptr) << curve.name;
    EXPECT_EQ(EVP_PKEY_eq(read.get(), key.get()), 1) << curve.name;
  }
}

TEST(PublicKey, RsaKeyIsReadByOpenssl) {
  testing::Key key = testing::generate_rsa(2048);
  Outcome<Bytes> der = public_key_info(kRsa, 2048, testing::exported_rsa(key));
  ASSERT_TRUE(der);
  SecretBytes text = to_pem("PUBLIC KEY", *der);
  std::string pem(text_of(text));
  EXPECT_THAT(pem, StartsWith("-----BEGIN PUBLIC KEY-----\nMIIB"));
  EXPECT_THAT(pem, EndsWith("\n-----END PUBLIC KEY-----\n"));
  testing::Key read = testing::read_public_pem(pem);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(read.get(), key.get()), 1);
}

TEST(PublicKey, MontgomeryKeysHaveAFormToo) {
  Bytes coordinate(32, std::byte{9});
  Outcome<Bytes> der = public_key_info(ecc(psa::EccFamily::Montgomery), 255, coordinate);
  ASSERT_TRUE(der);
  EXPECT_EQ(EVP_PKEY_get_id(testing::read_public_der(*der).get()), EVP_PKEY_X25519);
}

TEST(PublicKey, EdwardsKeysAreReadByOpensslAndBack) {
  for (auto [name, bits] : {std::pair("ED25519", 255U), std::pair("ED448", 448U)}) {
    testing::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, name));
    Bytes exported = testing::exported_point(key);
    Outcome<Bytes> der = public_key_info(ecc(psa::EccFamily::TwistedEdwards), bits, exported);
    ASSERT_TRUE(der) << name;
    EXPECT_EQ(*der, testing::public_info(key));
    Outcome<KeyMaterial> read = from_public_key_info(*der);
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(read->type,
              (psa::KeyType{psa::KeyType::Kind::EccPublicKey, psa::EccFamily::TwistedEdwards}));
    EXPECT_EQ(copy_of(read->data), exported);
  }
}

TEST(PublicKey, BytesThatAreNoneAreInvalidData) {
  EXPECT_EQ(public_key_info(kRsa, 2048, view_of("x")).error().code, ExitCode::InvalidData);
  Bytes point = testing::exported_point(testing::generate_ecc("prime256v1"));
  psa::KeyType p256 = ecc(psa::EccFamily::SecpR1);
  EXPECT_EQ(public_key_info(p256, 384, point).error().code, ExitCode::InvalidData);
  point.back() ^= std::byte{1};  // no longer on the curve
  EXPECT_EQ(public_key_info(p256, 256, point).error().code, ExitCode::InvalidData);
  EXPECT_EQ(public_key_info(p256, 256, {}).error().code, ExitCode::InvalidData);
}

TEST(PublicKey, TypesWithoutAFormAreNotSupported) {
  psa::KeyType dh = {psa::KeyType::Kind::DhKeyPair, std::nullopt};
  EXPECT_EQ(public_key_info(dh, 2048, view_of("x")).error().code, ExitCode::NotSupported);
  EXPECT_EQ(public_key_info(ecc(psa::EccFamily::Frp), 256, view_of("x")).error().code,
            ExitCode::NotSupported);
}

}  // namespace
}  // namespace strongroom::cli
