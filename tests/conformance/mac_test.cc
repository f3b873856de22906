#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::Mac::Kind;

constexpr psa::Mac kCmac{Kind::Cmac, std::nullopt, std::nullopt};
constexpr psa::Mac kCbcMac{Kind::CbcMac, std::nullopt, std::nullopt};

constexpr psa::Mac hmac(psa::Hash hash, std::optional<std::uint32_t> size = {}) {
  return {Kind::Hmac, hash, size};
}

struct MacVector {
  std::string_view source;
  psa::KeyType type;
  psa::Mac algorithm;
  Bytes key;
  Bytes input;
  std::string_view mac;
};

// RFC 4231 §4.2 to §4.8, RFC 2202 §2 and §3.
std::vector<MacVector> hmac_vectors() {
  const Bytes k0b(20, std::byte{0x0b});
  const Bytes jefe = bytes_of("Jefe");
  const Bytes hi_there = bytes_of("Hi There");
  const Bytes nothing = bytes_of("what do ya want for nothing?");
  const Bytes long_key(131, std::byte{0xaa});
  const Bytes larger = bytes_of("Test Using Larger Than Block-Size Key - Hash Key First");
  return {
      {"RFC 2202 case 2", kHmac, hmac(psa::Hash::Md5), jefe, nothing,
       "750c783e6ab0b503eaa86e310a5db738"},
      {"RFC 2202 case 2", kHmac, hmac(psa::Hash::Sha1), jefe, nothing,
       "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {"RFC 4231 case 1", kHmac, hmac(psa::Hash::Sha224), k0b, hi_there,
       "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22"},
      {"RFC 4231 case 1", kHmac, hmac(psa::Hash::Sha256), k0b, hi_there,
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"RFC 4231 case 1", kHmac, hmac(psa::Hash::Sha384), k0b, hi_there,
       "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
       "faea9ea9076ede7f4af152e8b2fa9cb6"},
      {"RFC 4231 case 1", kHmac, hmac(psa::Hash::Sha512), k0b, hi_there,
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
       "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
      {"RFC 4231 case 2", kHmac, hmac(psa::Hash::Sha256), jefe, nothing,
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"RFC 4231 case 6", kHmac, hmac(psa::Hash::Sha256), long_key, larger,
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
}

constexpr std::string_view kAes128 = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kBlocks =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

// RFC 4493 §4, and the examples of SP 800-38B for the other keys.
std::vector<MacVector> cmac_vectors() {
  Bytes blocks = from_hex(kBlocks);
  Bytes one = copy_of(ByteView(blocks).first(16));
  Bytes some = copy_of(ByteView(blocks).first(40));
  return {
      {"RFC 4493 example 1",
       kAes,
       kCmac,
       from_hex(kAes128),
       {},
       "bb1d6929e95937287fa37d129b756746"},
      {"RFC 4493 example 2", kAes, kCmac, from_hex(kAes128), one,
       "070a16b46b4d4144f79bdd9dd04a287c"},
      {"RFC 4493 example 3", kAes, kCmac, from_hex(kAes128), some,
       "dfa66747de9ae63030ca32611497c827"},
      {"RFC 4493 example 4", kAes, kCmac, from_hex(kAes128), blocks,
       "51f0bebf7e3b9d92fc49741779363cfe"},
      {"SP 800-38B D.2 example 5",
       kAes,
       kCmac,
       from_hex("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"),
       {},
       "d17ddf46adaacde531cac483de7a9367"},
      {"SP 800-38B D.3 example 9",
       kAes,
       kCmac,
       from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
       {},
       "028962f61b7bf89efc6b551f4667d983"},
      {"SP 800-38B D.4 example 13",
       kDes,
       kCmac,
       from_hex("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5"),
       {},
       "b7a688e122ffaf95"},
  };
}

// CBC's last block is the MAC: SP 800-38A F.2.1 has another IV, so the examples are those of CBC
// with an IV of zeros for one block, which is ECB (SP 800-38A F.1.1), and FIPS 113 appendix 2.
std::vector<MacVector> cbc_mac_vectors() {
  return {
      {"SP 800-38A F.1.1", kAes, kCbcMac, from_hex(kAes128),
       from_hex("6bc1bee22e409f96e93d7e117393172a"), "3ad77bb40d7a3660a89ecaf32466ef97"},
      {"FIPS 113, the full block", kDes, kCbcMac, from_hex("0123456789abcdef"),
       from_hex("37363534333231204e6f77206973207468652074696d6520666f722000000000"),
       "f1d30f6849312ca4"},
  };
}

std::vector<MacVector> all_vectors() {
  std::vector<MacVector> vectors = hmac_vectors();
  for (const auto& more : {cmac_vectors(), cbc_mac_vectors()})
    vectors.insert(vectors.end(), more.begin(), more.end());
  return vectors;
}

TEST_P(ProviderConformance, MacsGiveThePublishedResults) {
  for (const MacVector& vector : all_vectors()) {
    SCOPED_TRACE(vector.source);
    auto bits = static_cast<std::uint32_t>(8 * vector.key.size());
    if (!can(Capability::Import, vector.type, bits, vector.algorithm)) continue;
    auto key = imported(attributes_of(vector.type, bits), vector.key);
    ASSERT_NE(key, nullptr);
    auto computed = provider().mac()->compute(*key, vector.algorithm, vector.input);
    ASSERT_THAT(computed, IsOk());
    EXPECT_EQ(to_hex(*computed), vector.mac);
    EXPECT_THAT(provider().mac()->verify(*key, vector.algorithm, vector.input, *computed), IsOk());
  }
}

TEST_P(ProviderConformance, CutMacsAreTheFrontOfTheFullOne) {
  for (const auto& [type, full, most] :
       {std::tuple(kHmac, hmac(psa::Hash::Sha256), 32U), std::tuple(kAes, kCmac, 16U),
        std::tuple(kAes, kCbcMac, 16U)}) {
    if (!can(Capability::Use, type, 256, full)) continue;
    SCOPED_TRACE(to_string(full));
    auto key = some_key(type, 256);
    ASSERT_NE(key, nullptr);
    Bytes input = counting(32);
    auto whole = provider().mac()->compute(*key, full, input);
    ASSERT_THAT(whole, IsOk());
    for (std::uint32_t size = 0; size <= most + 1; ++size) {
      psa::Mac cut{full.kind, full.hash, size};
      auto mac = provider().mac()->compute(*key, cut, input);
      if (size < 4 || size > most) {
        EXPECT_THAT(mac, FailsWith(Status::PsaErrorInvalidArgument)) << size;
        EXPECT_THAT(provider().mac()->verify(*key, cut, input, Bytes(size)),
                    FailsWith(Status::PsaErrorInvalidArgument));
        continue;
      }
      ASSERT_THAT(mac, IsOk());
      EXPECT_EQ(to_hex(*mac), to_hex(ByteView(*whole).first(size)));
      EXPECT_THAT(provider().mac()->verify(*key, cut, input, *mac), IsOk());
    }
  }
}

TEST_P(ProviderConformance, ChangedMacsAndInputsAreInvalidSignatures) {
  for (const auto& [type, algorithm] :
       {std::pair(kHmac, hmac(psa::Hash::Sha256)), std::pair(kHmac, hmac(psa::Hash::Sha512, 16)),
        std::pair(kAes, kCmac), std::pair(kAes, kCbcMac)}) {
    if (!can(Capability::Use, type, 256, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = some_key(type, 256);
    ASSERT_NE(key, nullptr);
    Bytes input = counting(32);
    auto mac = provider().mac()->compute(*key, algorithm, input);
    ASSERT_THAT(mac, IsOk());
    auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
    auto verify = [&](ByteView text, ByteView claimed) {
      return provider().mac()->verify(*key, algorithm, text, claimed);
    };
    for (std::size_t at = 0; at < mac->size(); ++at)
      EXPECT_THAT(verify(input, with_flipped_bit(*mac, at)), invalid);
    EXPECT_THAT(verify(with_flipped_bit(input, 31), *mac), invalid);
    EXPECT_THAT(verify(ByteView(input).first(16), *mac), invalid);
    Bytes longer = *mac;
    longer.push_back(std::byte{0});
    for (ByteView bad : {ByteView(longer), ByteView(*mac).first(mac->size() - 1), ByteView()})
      EXPECT_THAT(verify(input, bad), invalid);
  }
}

TEST_P(ProviderConformance, CbcMacIsOfWholeBlocksOnly) {
  if (!can(Capability::Use, kAes, 128, kCbcMac)) GTEST_SKIP() << "no CBC-MAC";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  for (std::size_t size : {0U, 1U, 15U, 17U, 31U})
    EXPECT_THAT(provider().mac()->compute(*key, kCbcMac, Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument));
}

// Encrypting the whole with an IV of zeros ends with the MAC, however long it is.
TEST_P(ProviderConformance, CbcMacOfManyBlocksChains) {
  constexpr auto kCbc = psa::Cipher::CbcNoPadding;
  if (!can(Capability::Use, kAes, 128, kCbcMac) || !can(Capability::Use, kAes, 128, kCbc))
    GTEST_SKIP() << "no CBC-MAC or no CBC";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  for (std::size_t blocks : {2U, 255U, 256U, 257U, 513U}) {
    Bytes input = counting(16 * blocks);
    auto mac = provider().mac()->compute(*key, kCbcMac, input);
    ASSERT_THAT(mac, IsOk());
    // Backwards: what decrypts to the last block with the MAC as ciphertext is its chaining value.
    auto before = provider().mac()->compute(*key, kCbcMac, ByteView(input).first(16 * blocks - 16));
    ASSERT_THAT(before, IsOk());
    Bytes iv_and_block = *before;
    iv_and_block.insert(iv_and_block.end(), mac->begin(), mac->end());
    auto last = provider().cipher()->decrypt(*key, kCbc, iv_and_block);
    ASSERT_THAT(last, IsOk());
    EXPECT_EQ(to_hex(last->reveal()), to_hex(ByteView(input).last(16)));
  }
}

}  // namespace
}  // namespace strongroom::conformance
