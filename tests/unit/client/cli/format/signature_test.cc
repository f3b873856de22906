#include "client/cli/format/signature.h"

#include <array>

#include <gmock/gmock.h>

#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

constexpr psa::KeyType curve(psa::EccFamily family) {
  return {psa::KeyType::Kind::EccKeyPair, family};
}

TEST(Signature, SurvivesTheWayToRawAndBack) {
  for (auto [name, bits] : {std::pair{"prime256v1", 256U}, std::pair{"secp384r1", 384U},
                            std::pair{"secp521r1", 521U}}) {
    testing::Key key = testing::generate_ecc(name);
    Bytes digest = testing::sha256(name);
    Bytes der = testing::sign_der(key, digest);
    Outcome<Bytes> raw =
        ecdsa_from_der(der, ecdsa_scalar_size(curve(psa::EccFamily::SecpR1), bits));
    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->size(), 2 * ((bits + 7) / 8));
    Outcome<Bytes> again = ecdsa_to_der(*raw);
    ASSERT_TRUE(again);
    EXPECT_TRUE(testing::verifies_der(key, digest, *again)) << name;
  }
}

TEST(Signature, LeadingZerosAndHighBitsAreEncodedAsDerDemands) {
  Bytes raw = {std::byte{0x00}, std::byte{0x01}, std::byte{0x80}, std::byte{0x00}};
  EXPECT_EQ(to_hex(*ecdsa_to_der(raw)),
            "3008020101020300"
            "8000");
  EXPECT_EQ(*ecdsa_from_der(*ecdsa_to_der(raw), 2), raw);
}

TEST(Signature, WhatIsNoneIsInvalidData) {
  EXPECT_EQ(ecdsa_to_der({}).error().code, ExitCode::InvalidData);
  EXPECT_EQ(ecdsa_to_der(view_of("odd")).error().code, ExitCode::InvalidData);
  EXPECT_EQ(ecdsa_from_der(view_of("not DER"), 32).error().code, ExitCode::InvalidData);
  Bytes der = *ecdsa_to_der(view_of("12345678"));
  EXPECT_EQ(ecdsa_from_der(der, 3).error().code, ExitCode::InvalidData);
  der.push_back(std::byte{0});
  EXPECT_EQ(ecdsa_from_der(der, 32).error().code, ExitCode::InvalidData);
  EXPECT_EQ(ecdsa_from_der({}, 32).error().code, ExitCode::InvalidData);
}

TEST(Signature, NumbersAreAsLongAsTheOrder) {
  EXPECT_EQ(ecdsa_scalar_size(curve(psa::EccFamily::SecpR1), 521), 66U);
  EXPECT_EQ(ecdsa_scalar_size(curve(psa::EccFamily::SecpK1), 224), 29U);
  EXPECT_EQ(ecdsa_scalar_size(curve(psa::EccFamily::SecpR2), 160), 21U);
  EXPECT_EQ(ecdsa_scalar_size(curve(psa::EccFamily::SecpR1), 224), 28U);
}

}  // namespace
}  // namespace strongroom::cli
