#include "service/dispatch/cost.h"

#include <gtest/gtest.h>

#include "tests/support/attributes.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::key_of;
using Kind = psa::KeyType::Kind;

psa::KeyAttributes rsa(std::uint32_t bits) {
  return key_of(Kind::RsaKeyPair, bits, testing::kOaepSha256);
}

TEST(Cost, WhatIsShortMayRunInline) {
  EXPECT_LE(cost_of_private_operation(ecc_pair(), 32), kInlineCost);
  EXPECT_LE(cost_of_private_operation(ecc_pair(), kInlineBody), kInlineCost);
  EXPECT_LE(cost_of_public_operation(rsa(4096), 32), kInlineCost);
  EXPECT_LE(cost_of_bytes(kInlineBody), kInlineCost);
}

TEST(Cost, PrivateRsaLargeCurvesGenerationAndChangesNeverDo) {
  for (std::uint32_t bits : {1024U, 2048U, 3072U, 4096U, 8192U})
    EXPECT_GT(cost_of_private_operation(rsa(bits), 32), kInlineCost);
  psa::KeyAttributes p384 = ecc_pair();
  p384.bits = 384;
  EXPECT_GT(cost_of_private_operation(p384, 48), kInlineCost);
  EXPECT_GT(cost_of_generation({.kind = Kind::Aes, .curve_family = {}}, 128), kInlineCost);
  EXPECT_GT(cost_of_import({.kind = Kind::Aes, .curve_family = {}}, 16), kInlineCost);
  EXPECT_GT(kStoreChangeCost, kInlineCost);
}

TEST(Cost, GenerationGrowsWithTheKey) {
  psa::KeyType type{.kind = Kind::RsaKeyPair, .curve_family = {}};
  EXPECT_LT(cost_of_generation(type, 2048), cost_of_generation(type, 3072));
  EXPECT_LT(cost_of_generation(type, 3072), cost_of_generation(type, 4096));
}

}  // namespace
}  // namespace strongroom
