#include "providers/pkcs11/objects/public_keys.h"

#include <array>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOkAndHolds;

TokenCurve curve_of(psa::EccFamily family, std::uint32_t bits) {
  return *token_curve_of({psa::KeyType::Kind::EccKeyPair, family}, bits);
}

Bytes point_of(const TokenCurve& curve) {
  Bytes point(curve.point_size, std::byte{0x11});
  if (curve.is_weierstrass()) point[0] = std::byte{4};
  return point;
}
const TokenCurve kP256 = curve_of(psa::EccFamily::SecpR1, 256);
const TokenCurve kEd25519 = curve_of(psa::EccFamily::TwistedEdwards, 255);

TEST(PublicKeysTest, PointsAreReadBareAndWrapped) {
  const std::array curves = {kP256,
                             kEd25519,
                             curve_of(psa::EccFamily::SecpR1, 521),
                             curve_of(psa::EccFamily::SecpR2, 160),
                             curve_of(psa::EccFamily::SectK1, 571),
                             curve_of(psa::EccFamily::TwistedEdwards, 448)};
  for (const TokenCurve& curve : curves) {
    Bytes point = point_of(curve);
    EXPECT_THAT(bare_point(point, curve), IsOkAndHolds(point)) << curve.nid;
    EXPECT_THAT(bare_point(wrapped_point(point), curve), IsOkAndHolds(point)) << curve.nid;
  }
}

TEST(PublicKeysTest, LongPointsHaveALengthOfTheirLength) {
  EXPECT_EQ(to_hex(wrapped_point(point_of(kP256))).substr(0, 6), "044104");
  EXPECT_EQ(to_hex(wrapped_point(point_of(curve_of(psa::EccFamily::SecpR1, 521)))).substr(0, 8),
            "04818504");
}

TEST(PublicKeysTest, OtherOctetsAreNoPoint) {
  Bytes compressed(33, std::byte{2});
  Bytes longer = point_of(kP256);
  longer.push_back(std::byte{0});
  Bytes shorter = point_of(kP256);
  shorter.pop_back();
  Bytes other_tag = wrapped_point(point_of(kP256));
  other_tag[0] = std::byte{3};
  for (const Bytes& value : {Bytes(), compressed, longer, shorter, other_tag})
    EXPECT_THAT(bare_point(value, kP256), FailsWith(Status::PsaErrorCommunicationFailure))
        << to_hex(value);
}

TEST(PublicKeysTest, CurvesAreNamedByTheirObjectIdentifier) {
  EXPECT_THAT(ec_parameters_of(kP256, {}), IsOkAndHolds(from_hex("06082a8648ce3d030107")));
  EXPECT_THAT(ec_parameters_of(kEd25519, {}), IsOkAndHolds(from_hex("06032b6570")));
}

// PKCS#11 v3.0 §2.3.5.
TEST(PublicKeysTest, EdwardsCurvesAreNamedInWordsWhereTheTokenWantsThat) {
  const Quirks by_name = Quirks().with(Quirk::CurvesByName);
  EXPECT_THAT(ec_parameters_of(kEd25519, by_name),
              IsOkAndHolds(from_hex("130c656477617264733235353139")));
  EXPECT_THAT(ec_parameters_of(kP256, by_name), IsOkAndHolds(from_hex("06082a8648ce3d030107")));
}

TEST(PublicKeysTest, ACurveIsRecognizedByEitherNameOfIt) {
  EXPECT_TRUE(are_parameters_of(kEd25519, from_hex("06032b6570")));
  EXPECT_TRUE(are_parameters_of(kEd25519, from_hex("130c656477617264733235353139")));
  EXPECT_FALSE(are_parameters_of(kEd25519, from_hex("06032b6571")));
  EXPECT_FALSE(are_parameters_of(kEd25519, from_hex("130a65647761726473343438")));
  EXPECT_FALSE(are_parameters_of(kP256, from_hex("06052b8104000a")));
}

}  // namespace
}  // namespace strongroom::pkcs11
