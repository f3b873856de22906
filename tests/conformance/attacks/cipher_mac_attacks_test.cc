// Paddings, MACs and XTS texts as attackers change them.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;

// A padding oracle needs answers that differ: RFC 5652 §6.3, for all 256 last bytes and for each
// byte in front of it.
TEST_P(ProviderConformance, Pkcs7PaddingsAreJudgedByteByByte) {
  for (const auto& [type, bits, block] : {std::tuple(kAes, 256U, std::size_t{16}),
                                          {kCamellia, 128U, std::size_t{16}},
                                          {kDes, 192U, std::size_t{8}}}) {
    if (!can(Capability::Import, type, bits, psa::Cipher::CbcPkcs7) ||
        !can(Capability::Import, type, bits, psa::Cipher::CbcNoPadding))
      continue;
    SCOPED_TRACE(to_string(type, bits));
    auto plain =
        imported(attributes_of(type, bits, psa::Cipher::CbcNoPadding), fixed_key(type, bits));
    auto padded = imported(attributes_of(type, bits, psa::Cipher::CbcPkcs7), fixed_key(type, bits));
    ASSERT_NE(plain, nullptr);
    ASSERT_NE(padded, nullptr);
    auto unpadded = [&](const Bytes& text) {
      auto sealed = provider().cipher()->encrypt(*plain, psa::Cipher::CbcNoPadding, text);
      EXPECT_THAT(sealed, IsOk());
      return provider().cipher()->decrypt(*padded, psa::Cipher::CbcPkcs7, *sealed);
    };
    auto invalid = FailsWith(Status::PsaErrorInvalidPadding);
    for (int last = 0; last < 256; ++last) {
      Bytes text(2 * block, static_cast<std::byte>(last));
      auto plaintext = unpadded(text);
      if (last == 0 || last > static_cast<int>(block)) {
        EXPECT_THAT(plaintext, invalid) << last;
        continue;
      }
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(plaintext->size(), 2 * block - static_cast<std::size_t>(last));
      for (std::size_t from_end = 1; from_end <= block; ++from_end) {
        Bytes changed = text;
        changed[changed.size() - from_end] ^= std::byte{0x80};
        bool is_padding = from_end <= static_cast<std::size_t>(last);
        if (is_padding)
          EXPECT_THAT(unpadded(changed), invalid) << last << " " << from_end;
        else
          EXPECT_THAT(unpadded(changed), IsOk()) << last << " " << from_end;
      }
    }
    // A whole block of padding and nothing else.
    auto nothing = unpadded(Bytes(block, static_cast<std::byte>(block)));
    ASSERT_THAT(nothing, IsOk());
    EXPECT_TRUE(nothing->is_empty());
  }
}

TEST_P(ProviderConformance, CiphertextsWithoutWholeBlocksAreRefused) {
  using enum psa::Cipher;
  for (psa::Cipher algorithm : {CbcPkcs7, CbcNoPadding, EcbNoPadding, Xts}) {
    std::uint32_t bits = algorithm == Xts ? 512 : 256;
    if (!can(Capability::Import, kAes, bits, algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(algorithm)));
    auto key = imported(attributes_of(kAes, bits, algorithm), fixed_key(kAes, bits));
    ASSERT_NE(key, nullptr);
    std::size_t iv = algorithm == EcbNoPadding ? 0 : 16;
    for (std::size_t size : {1U, 5U, 15U, 17U, 31U}) {
      bool steals = algorithm == Xts && size > 16;
      auto plaintext = provider().cipher()->decrypt(*key, algorithm, Bytes(iv + size));
      if (steals)
        EXPECT_THAT(plaintext, IsOk()) << size;
      else
        EXPECT_THAT(plaintext, FailsWith(Status::PsaErrorInvalidArgument)) << size;
    }
    if (iv == 0) continue;
    for (std::size_t size = 0; size < iv; ++size)
      EXPECT_THAT(provider().cipher()->decrypt(*key, algorithm, Bytes(size)),
                  FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// XTS authenticates nothing, but what is changed in one block stays there; the tweak changes all.
TEST_P(ProviderConformance, XtsChangesStayInTheirBlock) {
  if (!can(Capability::Import, kAes, 512, psa::Cipher::Xts)) GTEST_SKIP() << "no XTS";
  auto key = imported(attributes_of(kAes, 512, psa::Cipher::Xts), fixed_key(kAes, 512));
  ASSERT_NE(key, nullptr);
  Bytes text = counting(64);
  auto sealed = provider().cipher()->encrypt(*key, psa::Cipher::Xts, text);
  ASSERT_THAT(sealed, IsOk());
  for (std::size_t at = 0; at < sealed->size(); at += 7) {
    auto opened =
        provider().cipher()->decrypt(*key, psa::Cipher::Xts, with_flipped_bit(*sealed, at));
    ASSERT_THAT(opened, IsOk());
    for (std::size_t block = 0; block < 4; ++block) {
      bool is_same = to_hex(opened->reveal().subspan(16 * block, 16)) ==
                     to_hex(ByteView(text).subspan(16 * block, 16));
      bool is_touched = at < 16 || at / 16 == block + 1;
      EXPECT_EQ(is_same, !is_touched) << at << " " << block;
    }
  }
}

struct MacUnderAttack {
  psa::KeyType type;
  std::uint32_t bits;
  psa::Mac algorithm;
  std::size_t size;
};

// A MAC is compared whole: neither its front nor more than it is enough.
TEST_P(ProviderConformance, EveryOtherMacIsInvalid) {
  using enum psa::Mac::Kind;
  for (const auto& mac :
       {MacUnderAttack{kHmac, 256, {Hmac, psa::Hash::Sha256, {}}, 32},
        MacUnderAttack{kHmac, 256, {Hmac, psa::Hash::Sha384, 10}, 10},
        MacUnderAttack{kHmac, 256, {Hmac, psa::Hash::Sha3_256, {}}, 32},
        MacUnderAttack{kAes, 128, {Cmac, {}, {}}, 16}, MacUnderAttack{kAes, 256, {Cmac, {}, 4}, 4},
        MacUnderAttack{kDes, 192, {Cmac, {}, {}}, 8},
        MacUnderAttack{kAes, 128, {CbcMac, {}, {}}, 16},
        MacUnderAttack{kCamellia, 256, {CbcMac, {}, 8}, 8}}) {
    if (!can(Capability::Import, mac.type, mac.bits, mac.algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(mac.algorithm)));
    auto key =
        imported(attributes_of(mac.type, mac.bits, mac.algorithm), fixed_key(mac.type, mac.bits));
    ASSERT_NE(key, nullptr);
    Bytes input = counting(48);
    auto made = provider().mac()->compute(*key, mac.algorithm, input);
    ASSERT_THAT(made, IsOk());
    ASSERT_EQ(made->size(), mac.size);
    auto verify = [&](ByteView text, ByteView claimed) {
      return provider().mac()->verify(*key, mac.algorithm, text, claimed);
    };
    ASSERT_THAT(verify(input, *made), IsOk());
    auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
    for (std::size_t bit = 0; bit < 8 * made->size(); ++bit) {
      Bytes changed = *made;
      changed[bit / 8] ^= std::byte{1} << (bit % 8);
      EXPECT_THAT(verify(input, changed), invalid) << bit;
    }
    for (std::size_t size = 0; size < made->size(); ++size)
      EXPECT_THAT(verify(input, ByteView(*made).first(size)), invalid) << size;
    EXPECT_THAT(verify(input, joined({*made, Bytes(1)})), invalid);
    EXPECT_THAT(verify(input, joined({*made, *made})), invalid);
    EXPECT_THAT(verify(input, Bytes(mac.size)), invalid);
    EXPECT_THAT(verify(ByteView(input).first(32), *made), invalid);
    EXPECT_THAT(verify(joined({input, Bytes(16)}), *made), invalid);
  }
}

// Lengths that no MAC has, for keys whose policy asks for them.
TEST_P(ProviderConformance, MacsOfIllegalLengthsAreRefused) {
  using enum psa::Mac::Kind;
  for (const auto& [type, bits, kind, hash, size] :
       {std::tuple(kHmac, 256U, Hmac, std::optional(psa::Hash::Sha1), 21U),
        {kHmac, 256U, Hmac, std::optional(psa::Hash::Sha256), 3U},
        {kHmac, 256U, Hmac, std::optional(psa::Hash::Sha256), 0U},
        {kAes, 128U, Cmac, std::optional<psa::Hash>(), 17U},
        {kAes, 128U, CbcMac, std::optional<psa::Hash>(), 1U},
        {kDes, 192U, Cmac, std::optional<psa::Hash>(), 9U}}) {
    if (!can(Capability::Import, type, bits, psa::Mac{kind, hash, std::nullopt})) continue;
    psa::Mac cut{kind, hash, size};
    auto key = imported(attributes_of(type, bits, cut), fixed_key(type, bits));
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().mac()->compute(*key, cut, Bytes(16)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
    EXPECT_THAT(provider().mac()->verify(*key, cut, Bytes(16), Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
  }
}

}  // namespace
}  // namespace strongroom::conformance
