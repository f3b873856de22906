#include <algorithm>
#include <set>

#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using enum psa::Cipher;

struct CipherVector {
  std::string_view source;
  psa::KeyType type;
  psa::Cipher algorithm;
  std::string_view key;
  std::string_view iv;
  std::string_view plaintext;
  std::string_view ciphertext;
};

constexpr std::string_view kAes128 = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kAes192 = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b";
constexpr std::string_view kAes256 =
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
constexpr std::string_view kIv = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view kCounter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
constexpr std::string_view kText =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
constexpr std::string_view kCamelliaText = "0123456789abcdeffedcba9876543210";
constexpr std::string_view kFox = "5468652071756663 6b2062726f776e20 666f78206a756d70";
constexpr std::string_view kNow = "4e6f77206973207468652074696d6520666f7220616c6c20";
constexpr std::string_view kZeros32 =
    "0000000000000000000000000000000000000000000000000000000000000000";

constexpr std::array kVectors = {
    CipherVector{"SP 800-38A F.1.1", kAes, EcbNoPadding, kAes128, "", kText,
                 "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"},
    CipherVector{"SP 800-38A F.1.5", kAes, EcbNoPadding, kAes256, "", kText,
                 "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"},
    CipherVector{"SP 800-38A F.2.1", kAes, CbcNoPadding, kAes128, kIv, kText,
                 "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
    CipherVector{"SP 800-38A F.2.3", kAes, CbcNoPadding, kAes192, kIv, kText,
                 "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
    CipherVector{"SP 800-38A F.2.5", kAes, CbcNoPadding, kAes256, kIv, kText,
                 "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    CipherVector{"SP 800-38A F.3.13", kAes, Cfb, kAes128, kIv, kText,
                 "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"},
    CipherVector{"SP 800-38A F.4.1", kAes, Ofb, kAes128, kIv, kText,
                 "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"},
    CipherVector{"SP 800-38A F.5.1", kAes, Ctr, kAes128, kCounter, kText,
                 "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"},
    CipherVector{"SP 800-38A F.5.5", kAes, Ctr, kAes256, kCounter, kText,
                 "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"},
    CipherVector{"IEEE 1619-2007 B.1, vector 2", kAes, Xts,
                 "1111111111111111111111111111111122222222222222222222222222222222",
                 "33333333330000000000000000000000",
                 "4444444444444444444444444444444444444444444444444444444444444444",
                 "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0"},
    CipherVector{"RFC 3713 A", kCamellia, EcbNoPadding, kCamelliaText, "", kCamelliaText,
                 "67673138549669730857065648eabe43"},
    CipherVector{"RFC 3713 A", kCamellia, EcbNoPadding,
                 "0123456789abcdeffedcba98765432100011223344556677", "", kCamelliaText,
                 "b4993401b3e996f84ee5cee7d79b09b9"},
    CipherVector{"RFC 3713 A", kCamellia, EcbNoPadding,
                 "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff", "",
                 kCamelliaText, "9acc237dff16d76c20ef7c919e3a7509"},
    CipherVector{"RFC 8439 A.2, vector 1", kChacha20, StreamCipher, kZeros32,
                 "000000000000000000000000", kZeros32,
                 "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"},
    CipherVector{"SP 800-67 B.1", kDes, EcbNoPadding,
                 "0123456789abcdef23456789abcdef01456789abcdef0123", "", kFox,
                 "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900"},
    CipherVector{"FIPS 81 B.1", kDes, EcbNoPadding, "0123456789abcdef", "", kNow,
                 "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53"},
    CipherVector{"FIPS 81 C.1", kDes, CbcNoPadding, "0123456789abcdef", "1234567890abcdef", kNow,
                 "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6"},
    CipherVector{"RFC 6229 §2, 40 bits", kArc4, StreamCipher, "0102030405", "",
                 "00000000000000000000000000000000", "b2396305f03dc027ccc3524a0a1118a8"},
};

// With a random IV only decryption can be compared with what is published.
TEST_P(ProviderConformance, CiphersDecryptThePublishedExamples) {
  for (const CipherVector& vector : kVectors) {
    SCOPED_TRACE(vector.source);
    Bytes data = from_hex(vector.key);
    auto bits = static_cast<std::uint32_t>(8 * data.size());
    if (!can(Capability::Import, vector.type, bits, vector.algorithm)) continue;
    auto key = imported(attributes_of(vector.type, bits), data);
    ASSERT_NE(key, nullptr);
    Bytes ciphertext = from_hex(std::string(vector.iv) + std::string(vector.ciphertext));
    auto plaintext = provider().cipher()->decrypt(*key, vector.algorithm, ciphertext);
    ASSERT_THAT(plaintext, IsOk());
    EXPECT_EQ(to_hex(plaintext->reveal()), to_hex(from_hex(vector.plaintext)));
    if (!vector.iv.empty()) continue;
    EXPECT_THAT(provider().cipher()->encrypt(*key, vector.algorithm, from_hex(vector.plaintext)),
                IsOkAndHolds(from_hex(vector.ciphertext)));
  }
}

struct CipherCase {
  psa::KeyType type;
  std::uint32_t bits;
  psa::Cipher algorithm;
  std::size_t iv_size;
  std::size_t block_size;
};

std::vector<CipherCase> all_cases() {
  std::vector<CipherCase> cases = {{kAes, 256, Xts, 16, 16},
                                   {kAes, 512, Xts, 16, 16},
                                   {kChacha20, 256, StreamCipher, 12, 1},
                                   {kArc4, 128, StreamCipher, 0, 1}};
  for (const auto& [type, sizes] : {std::pair(kAes, std::vector{128U, 192U, 256U}),
                                    std::pair(kCamellia, std::vector{128U, 192U, 256U}),
                                    std::pair(kDes, std::vector{64U, 128U, 192U})})
    for (std::uint32_t bits : sizes)
      for (psa::Cipher algorithm : {Ctr, Cfb, Ofb, EcbNoPadding, CbcNoPadding, CbcPkcs7}) {
        std::size_t block = type == kDes ? 8 : 16;
        cases.push_back({type, bits, algorithm, algorithm == EcbNoPadding ? 0 : block, block});
      }
  return cases;
}

bool takes(const CipherCase& test, std::size_t size) {
  if (test.algorithm == EcbNoPadding || test.algorithm == CbcNoPadding)
    return size % test.block_size == 0;
  return test.algorithm != Xts || size >= 16;
}

std::size_t ciphertext_size(const CipherCase& test, std::size_t size) {
  std::size_t padding = test.algorithm == CbcPkcs7 ? test.block_size - size % test.block_size : 0;
  return test.iv_size + size + padding;
}

TEST_P(ProviderConformance, PlaintextsOfEveryLengthComeBackFromCiphers) {
  for (const CipherCase& test : all_cases()) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    SCOPED_TRACE(to_string(test.type, test.bits) + " " + to_string(test.algorithm));
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    for (std::size_t size : {1U, 7U, 8U, 15U, 16U, 17U, 31U, 32U, 48U, 4099U, 8192U}) {
      Bytes plaintext = counting(size);
      auto ciphertext = provider().cipher()->encrypt(*key, test.algorithm, plaintext);
      if (!takes(test, size)) {
        EXPECT_THAT(ciphertext, FailsWith(Status::PsaErrorInvalidArgument)) << size;
        continue;
      }
      ASSERT_THAT(ciphertext, IsOk()) << size;
      EXPECT_EQ(ciphertext->size(), ciphertext_size(test, size));
      auto again = provider().cipher()->decrypt(*key, test.algorithm, *ciphertext);
      ASSERT_THAT(again, IsOk()) << size;
      EXPECT_EQ(to_hex(again->reveal()), to_hex(plaintext));
    }
  }
}

TEST_P(ProviderConformance, NoTwoCiphertextsBeginAlike) {
  for (const CipherCase& test : all_cases()) {
    if (test.iv_size == 0 || !can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    std::set<std::string> seen;
    for (int round = 0; round < 4; ++round) {
      auto ciphertext = provider().cipher()->encrypt(*key, test.algorithm, Bytes(16));
      ASSERT_THAT(ciphertext, IsOk());
      EXPECT_TRUE(seen.insert(to_hex(ByteView(*ciphertext).first(test.iv_size))).second);
    }
  }
}

TEST_P(ProviderConformance, CiphertextsOfNoPossibleLengthAreRefused) {
  for (const CipherCase& test : all_cases()) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    SCOPED_TRACE(to_string(test.type, test.bits) + " " + to_string(test.algorithm));
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    std::vector<std::size_t> sizes;
    if (test.iv_size > 0) sizes = {0, test.iv_size - 1};
    bool has_blocks = test.algorithm == EcbNoPadding || test.algorithm == CbcNoPadding ||
                      test.algorithm == CbcPkcs7;
    if (has_blocks || test.algorithm == Xts) sizes.push_back(test.iv_size + test.block_size - 1);
    if (has_blocks) sizes.push_back(test.iv_size + test.block_size + 1);
    if (test.algorithm == CbcPkcs7 || test.algorithm == Xts) sizes.push_back(test.iv_size);
    for (std::size_t size : sizes)
      EXPECT_THAT(provider().cipher()->decrypt(*key, test.algorithm, Bytes(size)),
                  FailsWith(Status::PsaErrorInvalidArgument))
          << size;
  }
}

// RFC 5652 §6.3. The padded block is made by CBC without padding.
TEST_P(ProviderConformance, EveryFaultOfPkcs7PaddingIsInvalidPadding) {
  if (!can(Capability::Use, kAes, 128, CbcPkcs7) || !can(Capability::Use, kAes, 128, CbcNoPadding))
    GTEST_SKIP() << "no CBC";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  auto decrypted = [&](const Bytes& padded) {
    auto ciphertext = provider().cipher()->encrypt(*key, CbcNoPadding, padded);
    EXPECT_THAT(ciphertext, IsOk());
    return provider().cipher()->decrypt(*key, CbcPkcs7, *ciphertext);
  };
  for (int length = 1; length <= 16; ++length) {
    Bytes padded(32, std::byte{0xee});
    std::ranges::fill(MutableByteView(padded).last(static_cast<std::size_t>(length)),
                      static_cast<std::byte>(length));
    auto plaintext = decrypted(padded);
    ASSERT_THAT(plaintext, IsOk()) << length;
    EXPECT_EQ(plaintext->size(), 32U - static_cast<std::size_t>(length));
    for (int wrong = 2; wrong <= length; ++wrong) {
      Bytes bad = padded;
      bad[32 - static_cast<std::size_t>(wrong)] ^= std::byte{0x80};
      EXPECT_THAT(decrypted(bad), FailsWith(Status::PsaErrorInvalidPadding));
    }
  }
  for (std::byte last : {std::byte{0}, std::byte{17}, std::byte{0x80}, std::byte{0xff}})
    EXPECT_THAT(decrypted(Bytes(32, last)), FailsWith(Status::PsaErrorInvalidPadding));
}

// SP 800-38E wants two different keys; IEEE 1619-2018 makes it a requirement.
TEST_P(ProviderConformance, XtsKeysOfEqualHalvesAreRefused) {
  if (!can(Capability::Import, kAes, 256, Xts)) GTEST_SKIP() << "no XTS";
  EXPECT_THAT(provider().keys()->import(attributes_of(kAes, 256, Xts), Bytes(32, std::byte{7})),
              FailsWith(Status::PsaErrorInvalidArgument));
  // An ordinary key for another mode, which an XTS policy can no longer reach, but a facet might.
  auto key = imported(attributes_of(kAes, 256), Bytes(32, std::byte{7}));
  ASSERT_NE(key, nullptr);
  EXPECT_THAT(provider().cipher()->encrypt(*key, Xts, Bytes(32)),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(provider().cipher()->decrypt(*key, Xts, Bytes(48)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

// FIPS 46-3 and SP 800-67 Rev. 2 §3.2.
TEST_P(ProviderConformance, DesKeysWithoutParityOrWithARepeatedKeyAreRefused) {
  for (std::uint32_t bits : {64U, 128U, 192U}) {
    if (!can(Capability::Import, kDes, bits)) continue;
    SCOPED_TRACE(bits);
    Bytes good = fixed_key(kDes, bits);
    EXPECT_THAT(provider().keys()->import(attributes_of(kDes, bits), good), IsOk());
    for (std::size_t at = 0; at < good.size(); ++at)
      EXPECT_THAT(provider().keys()->import(attributes_of(kDes, bits), with_flipped_bit(good, at)),
                  FailsWith(Status::PsaErrorInvalidArgument));
    if (bits == 64) continue;
    std::copy_n(good.begin(), 8, good.begin() + 8);
    EXPECT_THAT(provider().keys()->import(attributes_of(kDes, bits), good),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, GeneratedDesKeysAreThoseThatImportTakes) {
  for (std::uint32_t bits : {64U, 128U, 192U}) {
    if (!can(Capability::Generate, kDes, bits)) continue;
    auto key = provider().keys()->generate(attributes_of(kDes, bits), {});
    ASSERT_THAT(key, IsOk());
    auto exported = provider().keys()->export_key(*store(*std::move(key)));
    if (!exported) continue;
    EXPECT_THAT(provider().keys()->import(attributes_of(kDes, bits), exported->reveal()), IsOk());
  }
}

}  // namespace
}  // namespace strongroom::conformance
