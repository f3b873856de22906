#include "providers/software/keys/ecdsa_signature.h"

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::software {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOkAndHolds;

TEST(EcdsaSignature, ShortNumbersAreFilledUpAndSignBytesAreDropped) {
  EXPECT_THAT(ecdsa_from_der(from_hex("3008020200ff02020102"), 4),
              IsOkAndHolds(from_hex("000000ff00000102")));
  EXPECT_THAT(ecdsa_from_der(from_hex("3008020200ff02020102"), 2),
              IsOkAndHolds(from_hex("00ff0102")));
}

TEST(EcdsaSignature, DerIsTheShortestThatHasTheNumbers) {
  EXPECT_EQ(ecdsa_to_der(from_hex("000000ff00000102")), from_hex("3008020200ff02020102"));
  EXPECT_EQ(ecdsa_to_der(from_hex("00008001")), from_hex("30080201000203008001"));
  EXPECT_EQ(ecdsa_to_der(from_hex("00000000")), from_hex("3006020100020100"));
}

TEST(EcdsaSignature, P521NeedsTheLongFormOfALength) {
  Bytes fixed(132, std::byte{0x7f});
  Bytes der = ecdsa_to_der(fixed);
  EXPECT_EQ(to_hex(ByteView(der).first(5)), "3081880242");
  EXPECT_THAT(ecdsa_from_der(der, 66), IsOkAndHolds(fixed));
}

TEST(EcdsaSignature, WhatIsNotTwoNumbersOfTheCurveIsAnInternalError) {
  for (const char* der :
       {"", "3003020101", "3006020101020101ff", "3009020101020101020101", "30080203010001020101"})
    EXPECT_THAT(ecdsa_from_der(from_hex(der), 2), FailsWith(Status::PsaErrorGenericError)) << der;
}

}  // namespace
}  // namespace strongroom::software
