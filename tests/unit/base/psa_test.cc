#include "base/psa.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/contract_values.h"

namespace strongroom::psa {
namespace {

TEST(PsaNames, NoTwoAlgorithmsHaveOne) {
  std::set<std::string> names;
  for (const Algorithm& algorithm : testing::all_algorithms())
    EXPECT_TRUE(names.insert(to_string(algorithm)).second) << to_string(algorithm);
}

TEST(PsaNames, NoTwoKindsOfKeyHaveOne) {
  std::set<std::string> names;
  for (const auto& [type, bits] : testing::all_key_types())
    EXPECT_TRUE(names.insert(to_string(type, bits)).second) << to_string(type, bits);
}

TEST(PsaNames, AnOpenHashAndAnOpenSizeAreSaidToBeOpen) {
  EXPECT_EQ(to_string(AsymmetricSignature{AsymmetricSignature::Kind::RsaPss, std::nullopt}),
            "rsa-pss-any-hash");
  EXPECT_EQ(to_string(KeyType{KeyType::Kind::Aes, std::nullopt}, 0), "aes");
  EXPECT_EQ(to_string(KeyType{KeyType::Kind::EccKeyPair, EccFamily::SecpR1}, 0), "ecc-secp-r1");
}

}  // namespace
}  // namespace strongroom::psa
