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

psa::KeyAttributes curve(psa::EccFamily family, std::uint32_t bits) {
  psa::KeyAttributes attributes = ecc_pair();
  attributes.type.curve_family = family;
  attributes.bits = bits;
  return attributes;
}

constexpr psa::KeyType kAes{.kind = Kind::Aes, .curve_family = {}};
constexpr psa::KeyType kRsaPair{.kind = Kind::RsaKeyPair, .curve_family = {}};

TEST(Cost, WhatIsShortMayRunInline) {
  EXPECT_LE(cost_of_private_operation(ecc_pair()), kInlineCost);
  EXPECT_LE(cost_of_public_operation(ecc_pair()), kInlineCost);
  EXPECT_LE(cost_of_agreement(ecc_pair()), kInlineCost);
  EXPECT_LE(cost_of_agreement(curve(psa::EccFamily::Montgomery, 255)), kInlineCost);
  EXPECT_LE(cost_of_public_operation(rsa(4096)), kInlineCost);
  EXPECT_LE(cost_of_bytes(kInlineBody), kInlineCost);
  EXPECT_LE(cost_of_cipher(kAes, kInlineBody), kInlineCost);
  EXPECT_LE(cost_of_listing(kInlineKeys), kInlineCost);
}

TEST(Cost, AnyHashOfABodyThatIsParsedInlineIsComputedThere) {
  for (int hash = 1; hash <= 15; ++hash)
    EXPECT_LE(cost_of_hash(static_cast<psa::Hash>(hash), kInlineBody), kInlineCost) << hash;
}

TEST(Cost, PrivateRsaOtherCurvesOldCiphersGenerationAndChangesNeverAre) {
  for (std::uint32_t bits : {1024U, 2048U, 3072U, 4096U, 8192U})
    EXPECT_GT(cost_of_private_operation(rsa(bits)), kInlineCost);
  using enum psa::EccFamily;
  for (const auto& [family, bits] :
       {std::pair(SecpR1, 384U), std::pair(SecpR1, 521U), std::pair(SecpK1, 256U),
        std::pair(BrainpoolPR1, 256U), std::pair(SectR1, 163U), std::pair(Montgomery, 448U)})
    EXPECT_GT(cost_of_private_operation(curve(family, bits)), kInlineCost) << bits;
  EXPECT_GT(cost_of_cipher({.kind = Kind::Des, .curve_family = {}}, kInlineBody), kInlineCost);
  EXPECT_GT(cost_of_generation(kAes, 128), kInlineCost);
  EXPECT_GT(cost_of_import(kAes, 16), kInlineCost);
  EXPECT_GT(kStoreChangeCost, kInlineCost);
}

TEST(Cost, WrappingOfAnOrdinaryKeyMayRunInlineAndThatOfTheLongestNot) {
  EXPECT_LE(cost_of_key_wrap(64), kInlineCost);
  EXPECT_LE(cost_of_key_wrap(64) + cost_of_public_operation(rsa(2048)), kInlineCost);
  EXPECT_GT(cost_of_key_wrap(8192), kInlineCost);
}

TEST(Cost, AgreementPaysForTheValidationOfThePeersKey) {
  psa::KeyAttributes binary = curve(psa::EccFamily::SectK1, 571);
  EXPECT_GE(cost_of_agreement(binary), 2 * cost_of_private_operation(binary) - Cost(200));
  EXPECT_GT(cost_of_agreement(key_of(Kind::DhKeyPair, 4096, testing::kRawEcdh)), kQuickCost);
}

TEST(Cost, GenerationGrowsWithTheKey) {
  EXPECT_LT(cost_of_generation(kRsaPair, 2048), cost_of_generation(kRsaPair, 3072));
  EXPECT_LT(cost_of_generation(kRsaPair, 3072), cost_of_generation(kRsaPair, 4096));
}

TEST(Cost, SlowWorkersGenerateRsaKeysCheckPrimesAndDoLargeAgreements) {
  for (std::uint32_t bits : {1024U, 2048U, 4096U})
    EXPECT_GT(cost_of_generation(kRsaPair, bits), kQuickCost);
  EXPECT_GT(cost_of_import(kRsaPair, 1190), kQuickCost);
  EXPECT_GT(cost_of_private_operation(key_of(Kind::DhKeyPair, 4096, testing::kRawEcdh)),
            kQuickCost);
  EXPECT_LE(cost_of_private_operation(rsa(4096)), kQuickCost);
  EXPECT_LE(cost_of_generation(ecc_pair().type, 256), kQuickCost);
  EXPECT_LE(cost_of_hash(psa::Hash::Sha3_512, 1024 * 1024), kQuickCost);
}

TEST(Cost, AnEstimateIsNeverInlineAndGrowsWithTheBody) {
  EXPECT_GT(estimated_cost(0), kInlineCost);
  EXPECT_GT(estimated_cost(1024 * 1024), estimated_cost(0));
}

// A mebibyte takes Ed25519 milliseconds, not the half of one that reading it takes.
TEST(CostOfMessages, CountsWhatEddsaHashesTwice) {
  constexpr psa::AsymmetricSignature kEddsa{.kind = psa::AsymmetricSignature::Kind::PureEddsa,
                                            .hash = {}};
  constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;
  EXPECT_EQ(cost_of_message(kEddsa, 255, kMebibyte),
            2 * cost_of_hash(psa::Hash::Sha512, kMebibyte));
  EXPECT_GT(cost_of_message(kEddsa, 448, kMebibyte), cost_of_message(kEddsa, 255, kMebibyte));
}

}  // namespace
}  // namespace strongroom
