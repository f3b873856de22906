#include <algorithm>

#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using enum psa::EccFamily;

struct Vector {
  std::string_view section;  // of RFC 6979
  psa::EccFamily family;
  std::uint32_t bits;
  psa::Hash hash;
  std::string_view message;
  // Without leading zeros where the RFC has none; filled up to the curve's length.
  std::string_view scalar, r, s;
};
constexpr std::string_view kP256 =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::array kVectors = {
    Vector{"A.2.3", SecpR1, 192, psa::Hash::Sha224, "sample",
           "6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4",
           "a1f00dad97aeec91c95585f36200c65f3c01812aa60378f5",
           "e07ec1304c7c6c9debbe980b9692668f81d4de7922a0f97a"},
    Vector{"A.2.3", SecpR1, 192, psa::Hash::Sha256, "test",
           "6fab034934e4c0fc9ae67f5b5659a9d7d1fefd187ee09fd4",
           "3a718bd8b4926c3b52ee6bbe67ef79b18cb6eb62b1ad97ae",
           "5662e6848a4a19b1f1ae2f72acd4b8bbe50f1eac65d9124f"},
    Vector{"A.2.4", SecpR1, 224, psa::Hash::Sha256, "sample",
           "f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1",
           "61aa3da010e8e8406c656bc477a7a7189895e7e840cdfe8ff42307ba",
           "bc814050dab5d23770879494f9e0a680dc1af7161991bde692b10101"},
    Vector{"A.2.5", SecpR1, 256, psa::Hash::Sha256, "sample", kP256,
           "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
           "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    Vector{"A.2.5", SecpR1, 256, psa::Hash::Sha256, "test", kP256,
           "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
           "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    Vector{"A.2.6", SecpR1, 384, psa::Hash::Sha384, "sample",
           "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
           "96d5724e4c70a825f872c9ea60d2edf5",
           "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
           "81a648152e44acf96e36dd1e80fabe46",
           "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
           "a329c145786e679e7b82c71a38628ac8"},
    Vector{"A.2.7", SecpR1, 521, psa::Hash::Sha512, "sample",
           "0fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75c"
           "aa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83"
           "538",
           "0c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f1"
           "74e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e37"
           "7fa",
           "0617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af2"
           "82623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a"
           "67a"},
    Vector{"A.2.8", SectK1, 163, psa::Hash::Sha256, "sample",
           "09a4d6792295a7f730fc3f2b49cbc0f62e862272f", "113a63990598a3828c407c0f4d2438d990df99a7f",
           "1313a2e03f5412ddb296a22e2c455335545672d9f"},
    Vector{"A.2.9", SectK1, 233, psa::Hash::Sha256, "sample",
           "103b2142bdc2a3c3b55080d09df1808f79336da2399f5ca7171d1be9b0",
           "38ad9c1d2cb29906e7d63c24601ac55736b438fb14f4093d6c32f63a10",
           "647aad2599c21b6ee89be7ff957d98f684b7921de1fd3cc82c079624f4"},
    Vector{"A.2.10", SectK1, 283, psa::Hash::Sha256, "sample",
           "06a0777356e87b89ba1ed3a3d845357be332173c8f7a65bdc7db4fab3c4cc79acc8194e",
           "19e90aa3de5fb20aed22879f92c6fed278d9c9b9293cc5e94922cd952c9dbf20df1753a",
           "135aa7443b6a25d11bb64ac482e04d47902d017752882bd72527114f46cf8bb56c5a8c3"},
    Vector{"A.2.11", SectK1, 409, psa::Hash::Sha256, "sample",
           "29c16768f01d1b8a89fda85e2efd73a09558b92a178a2931f359e4d70ad853e5"
           "69cdaf16daa569758fb4e73089e4525d8bbfcf",
           "49ec220d6d24980693e6d33b191532eab4c5d924e97e305e2c1ccfe6f1eaef96"
           "c17f6ec27d1e06191023615368628a7e0bd6a9",
           "1a4ab1dd9baaa21f77c503e1b39e770ffd44718349d54ba4cf08f688ce89d7d7"
           "c5f7213f225944be5f7c9ba42b8bee382f8af9"},
    Vector{"A.2.12", SectK1, 571, psa::Hash::Sha256, "sample",
           "0c16f58550d824ed7b95569d4445375d3a490bc7e0194c41a39deb732c29396c"
           "df1d66de02dd1460a816606f3bec0f32202c7bd18a32d87506466aa92032f131"
           "4ed7b19762b0d22",
           "1604be98d1a27cec2d3fa4bd07b42799e07743071e4905d7dce7f6992b21a27f"
           "14f55d0fe5a7810df65cf07f2f2554658817e5a88d952282ea1b8310514c0b40"
           "fff46f159965168",
           "18249377c654b8588475510f7b797081f68c2f8ccce49f730353b2da3364b1cd"
           "3e984813e11bb791824038ea367ba74583ab97a69af2d77fa691aa694e348e15"
           "da76f5a44ec1f40"},
    Vector{"A.2.13", SectR2, 163, psa::Hash::Sha256, "sample",
           "35318fc447d48d7e6bc93b48617dddedf26aa658f", "134e00f78fc1cb9501675d91c401de20ddf228cdc",
           "373273aec6c36cb7bafbb1903a5f5ea6a1d50b624"},
    Vector{"A.2.14", SectR1, 233, psa::Hash::Sha256, "sample",
           "07adc13dd5bf34d1ddeeb50b2ce23b5f5e6d18067306d60c5f6ff11e5d3",
           "0a797f3b8aefce7456202df1e46ccc291ea5a49da3d4bdda9a4b62d5e0d",
           "01f6f81da55c22da4152134c661588f4bd6f82fdbaf0c5877096b070dc2"},
    Vector{"A.2.15", SectR1, 283, psa::Hash::Sha256, "sample",
           "14510d4bc44f2d26f4553942c98073c1bd35545ceabb5cc138853c5158d2729ea408836",
           "29fd82497fb3e5cef65579272138de59e2b666b8689466572b3b69a172cee83be145659",
           "05a89d9166b40795af0fe5958201b9c0523e500013ca12b4840ea2bc53f25f9b3ce87c0"},
};

std::string filled_up(std::string_view digits, std::size_t bytes) {
  return std::string(2 * bytes - digits.size(), '0') + std::string(digits);
}

TEST_P(ProviderConformance, DeterministicSignaturesAreThoseOfRfc6979) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.section);
    psa::KeyType type{psa::KeyType::Kind::EccKeyPair, vector.family};
    psa::AsymmetricSignature algorithm{psa::AsymmetricSignature::Kind::DeterministicEcdsa,
                                       vector.hash};
    if (!can(Capability::Import, type, vector.bits, algorithm)) continue;
    std::size_t width = (vector.bits + 7) / 8;
    auto key =
        imported(attributes_of(type, vector.bits), from_hex(filled_up(vector.scalar, width)));
    ASSERT_NE(key, nullptr);
    auto signature = provider().signer()->sign_message(*key, algorithm, view_of(vector.message));
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(to_hex(*signature), filled_up(vector.r, width) + filled_up(vector.s, width));
  }
}

// The hash that k is made with is the one that made the digest: RFC 6979 §3.2 wants that.
TEST_P(ProviderConformance, DeterministicSignaturesRepeatAndRandomOnesDoNot) {
  using Kind = psa::AsymmetricSignature::Kind;
  constexpr psa::AsymmetricSignature kDeterministic{Kind::DeterministicEcdsa, psa::Hash::Sha256};
  if (!can(Capability::Use, kEcPair, 256, kDeterministic)) GTEST_SKIP() << "no RFC 6979";
  auto key = some_key(kEcPair, 256);
  ASSERT_NE(key, nullptr);
  auto sign = [&](const psa::AsymmetricSignature& algorithm) {
    return provider().signer()->sign_hash(*key, algorithm, counting(32));
  };
  auto signature = sign(kDeterministic);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(sign(kDeterministic), IsOkAndHolds(*signature));
  EXPECT_THAT(sign({Kind::DeterministicEcdsa, psa::Hash::Sha512_256}),
              IsOkAndHolds(::testing::Ne(*signature)));
  auto random = sign({Kind::Ecdsa, psa::Hash::Sha256});
  ASSERT_THAT(random, IsOk());
  EXPECT_THAT(sign({Kind::Ecdsa, psa::Hash::Sha256}), IsOkAndHolds(::testing::Ne(*random)));
  // Whoever verifies sees no difference.
  EXPECT_THAT(provider().signer()->verify_hash(*key, {Kind::Ecdsa, psa::Hash::Sha256}, counting(32),
                                               *signature),
              IsOk());
}

}  // namespace
}  // namespace strongroom::conformance
