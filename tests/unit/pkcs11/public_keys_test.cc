#include "providers/pkcs11/objects/public_keys.h"

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOkAndHolds;

Bytes point_of(std::size_t field_size) {
  Bytes point(1 + 2 * field_size, std::byte{0x11});
  point[0] = std::byte{4};
  return point;
}

TEST(PublicKeysTest, PointsAreReadBareAndWrapped) {
  for (std::size_t field_size : {20U, 32U, 48U, 66U, 72U}) {
    Bytes point = point_of(field_size);
    EXPECT_THAT(bare_point(point, point.size()), IsOkAndHolds(point)) << field_size;
    EXPECT_THAT(bare_point(wrapped_point(point), point.size()), IsOkAndHolds(point)) << field_size;
  }
}

TEST(PublicKeysTest, LongPointsHaveALengthOfTheirLength) {
  EXPECT_EQ(to_hex(wrapped_point(point_of(32))).substr(0, 6), "044104");
  EXPECT_EQ(to_hex(wrapped_point(point_of(66))).substr(0, 8), "04818504");
}

TEST(PublicKeysTest, OtherOctetsAreNoPoint) {
  Bytes compressed(33, std::byte{2});
  Bytes longer = point_of(32);
  longer.push_back(std::byte{0});
  Bytes shorter = point_of(32);
  shorter.pop_back();
  Bytes other_tag = wrapped_point(point_of(32));
  other_tag[0] = std::byte{3};
  for (const Bytes& value : {Bytes(), compressed, longer, shorter, other_tag})
    EXPECT_THAT(bare_point(value, 65), FailsWith(Status::PsaErrorCommunicationFailure))
        << to_hex(value);
}

TEST(PublicKeysTest, CurvesAreNamedByTheirObjectIdentifier) {
  const software::Curve* curve =
      software::curve_of({psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1}, 256);
  EXPECT_THAT(ec_parameters_of(*curve), IsOkAndHolds(from_hex("06082a8648ce3d030107")));
}

}  // namespace
}  // namespace strongroom::pkcs11
