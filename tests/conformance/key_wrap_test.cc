#include <algorithm>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyWrap::Kind;

constexpr psa::KeyWrap kAesKwp{Kind::AesKwp, std::nullopt};
constexpr psa::KeyWrap kRsaSha256{Kind::RsaOaepAesKwp, psa::Hash::Sha256};
constexpr psa::KeyType kRaw{psa::KeyType::Kind::RawData, std::nullopt};

struct Vector {
  std::string_view name;
  std::string_view key, data, wrapped;
};
constexpr std::array kVectors = {
    Vector{"RFC 5649 §6, 20 octets", "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
           "c37b7e6492584340bed12207808941155068f738",
           "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"},
    Vector{"RFC 5649 §6, 7 octets", "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
           "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f"},
    Vector{"CAVP KWP_AE_128, 8 bits, 0", "6decf10a1caf8e3b80c7a4be8c9c84e8", "49",
           "01a7d657fc4a5b216f261cca4d052c2b"},
    Vector{"CAVP KWP_AE_128, 64 bits, 0", "a8e06da625a65b25cf5030826830b661", "43acff293120dd5d",
           "b6f967616dd8d772e9fea295a456dba7"},
    Vector{"CAVP KWP_AE_128, 72 bits, 0", "7865e20f3c21659ab4690b629cdf3cc4", "bd6843d420378dc896",
           "41eca956d4aa047eb5cf4efe659661e74db6f8c564e23500"},
    Vector{"CAVP KWP_AE_128, 248 bits, 0", "be96dc195ec034d616486ed70e97fe83",
           "85b5437b6335ebba7635903a4493d12a77d9357a9e0dbc013456d85f1d3201",
           "974769b3a7b4d5d32985f87fddf9990631e5610fbfb278387b58b1f48e05c77d2fb7575c5169eb0e"},
    Vector{"CAVP KWP_AE_192, 8 bits, 0", "9ca11078baebc1597a68ce2fe3fc79a201626575252b8860", "76",
           "866bc0ae30e290bb20a0dab31a6e7165"},
    Vector{"CAVP KWP_AE_192, 248 bits, 0", "a354ccd6dd97cf40bed840f8137e0cf2e91c00e592104765",
           "22ccc034c5345550f5bc0114f2951f0fe439ec3ecd8ac1fea8889dd12bfb8e",
           "f018e7c8d6dcdbd20606502b2667439d9049a9a2d5c960af8e9251466d6ff8923fb82432b299f1a4"},
    Vector{"CAVP KWP_AE_256, 8 bits, 0",
           "95da2700ca6fd9a52554ee2a8df1386f5b94a1a60ed8a4aef60a8d61ab5f225a", "d1",
           "06ba7ae6f3248cfdcf267507fa001bc4"},
    Vector{"CAVP KWP_AE_256, 72 bits, 0",
           "70da43aac823c6dd37d1109f5b18feb4503c973288989745e2cc1cc21d9570c6", "edf17d966ed896aee3",
           "d67b5b2ad15c645450e23b5e7b6d682f8ae20e716d470db7"},
    Vector{"CAVP KWP_AE_256, 248 bits, 0",
           "e9bb7f44c7baafbf392ab912589a2f8db53268106eafb74689bb1833136e6113",
           "ffe952604834bff899e63658f34246815c91597eb40a21729e0a8a959b61f2",
           "15b9f06fbc765e5e3d55d6b824616f21921d2a6918ee7bf1406b524274e170b4a78333ca5ee92af5"},
};
constexpr const Vector& kVector256 = kVectors.back();

// Nothing was wrapped so.
constexpr std::array kInvalid = {
    Vector{"CAVP KWP_AD_128, 8 bits, 1", "30be7ff51227f0eef786cb7be2482510", "",
           "7f61a0a8b2fe7803f2947d233ec3a255"},
    Vector{"CAVP KWP_AD_128, 64 bits, 4", "a8ba81b7b5beba13cf2caca84965d675", "",
           "82787eebb0fdb79283fa55e8cfdf8566"},
    Vector{"CAVP KWP_AD_128, 248 bits, 0", "6929117e6cb18ea4a2985886f08c0ae1", "",
           "5fd9e77c37041c2ebd4c346d5b6c78f7b485ca589d6b0b5416d0287a6db36b39bdc961b4dc2fecbc"},
    Vector{"CAVP KWP_AD_192, 8 bits, 3", "21fb6600c1d34a74adee67612672593a86cf235421735350", "",
           "56b45c49c3e379b18d9c38b6423db133"},
    Vector{"CAVP KWP_AD_256, 64 bits, 0",
           "398444df32841be9e699c64faa92630c834564b8384876dceb471c4056fc8299", "",
           "30032c9a3ed00d29512d8c725fa86a4b"},
    Vector{"CAVP KWP_AD_256, 248 bits, 2",
           "8c35fb77766d04f48d5b52275c5c5f31f568078419e5c2335918965fbe53cedd", "",
           "bacccb1714dbaa4908c2654aa8dbb1ddbddd8ab819429b026619fb1c0fa75a8247372b2feeab1e1d"},
};

std::uint32_t bits_of(ByteView data) {
  return static_cast<std::uint32_t>(8 * data.size());
}

Bytes joined(ByteView front, ByteView back) {
  Bytes all = copy_of(front);
  all.insert(all.end(), back.begin(), back.end());
  return all;
}

psa::KeyAttributes raw(ByteView data) {
  return attributes_of(kRaw, bits_of(data));
}

// For AES-KWP.
psa::KeyAttributes wrapping(ByteView key) {
  return attributes_of(kAes, bits_of(key), kAesKwp);
}

// As raw data, so that no byte of it is judged.
Result<NewKey> unwrapped(Provider& provider, const KeyRecord& key, const psa::KeyWrap& algorithm,
                         ByteView wrapped) {
  return provider.key_wrapper()->unwrap(key, algorithm, wrapped, attributes_of(kRaw, 0));
}

Result<Bytes> exported(Provider& provider, const KeyRecordPtr& key) {
  auto data = TRY(provider.keys()->export_key(*key));
  return copy_of(data.reveal());
}

TEST_P(ProviderConformance, KeyWrappingOfPublishedVectorsGivesWhatTheySay) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.name);
    Bytes data = from_hex(vector.data);
    const Bytes octets = from_hex(vector.key);
    auto key = imported(wrapping(octets), octets);
    auto wrapped_key = imported(raw(data), data);
    ASSERT_NE(key, nullptr);
    ASSERT_NE(wrapped_key, nullptr);
    EXPECT_THAT(provider().key_wrapper()->wrap(*key, kAesKwp, *wrapped_key),
                IsOkAndHolds(from_hex(vector.wrapped)));
    auto back = unwrapped(provider(), *key, kAesKwp, from_hex(vector.wrapped));
    ASSERT_THAT(back, IsOk());
    EXPECT_THAT(exported(provider(), store(*std::move(back))), IsOkAndHolds(data));
  }
}

TEST_P(ProviderConformance, InvalidKeyWrappingVectorsAreRefused) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  for (const Vector& vector : kInvalid) {
    SCOPED_TRACE(vector.name);
    const Bytes octets = from_hex(vector.key);
    auto key = imported(wrapping(octets), octets);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(unwrapped(provider(), *key, kAesKwp, from_hex(vector.wrapped)),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
}

TEST_P(ProviderConformance, WrappedKeysRefuseEveryChangeAndAnotherKey) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto key = imported(wrapping(counting(16)), counting(16));
  auto other = imported(wrapping(counting(32)), counting(32));
  auto wrapped_key = imported(raw(counting(20)), counting(20));
  ASSERT_TRUE(key != nullptr && other != nullptr && wrapped_key != nullptr);
  auto wrapped = provider().key_wrapper()->wrap(*key, kAesKwp, *wrapped_key);
  ASSERT_THAT(wrapped, IsOk());
  for (std::size_t at = 0; at < wrapped->size(); ++at)
    EXPECT_THAT(unwrapped(provider(), *key, kAesKwp, with_flipped_bit(*wrapped, at)),
                FailsWith(Status::PsaErrorInvalidSignature));
  EXPECT_THAT(unwrapped(provider(), *other, kAesKwp, *wrapped),
              FailsWith(Status::PsaErrorInvalidSignature));
}

TEST_P(ProviderConformance, LengthsThatNoWrappedKeyHasAreInvalid) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto key = imported(wrapping(counting(16)), counting(16));
  auto pair = imported(attributes_of(kRsaPair, 2048, kRsaSha256), fixed_key(kRsaPair, 2048));
  ASSERT_TRUE(key != nullptr && pair != nullptr);
  for (std::size_t size : {0U, 1U, 8U, 15U, 17U, 23U, 8208U, 262144U}) {
    SCOPED_TRACE(size);
    auto invalid = FailsWith(Status::PsaErrorInvalidArgument);
    EXPECT_THAT(unwrapped(provider(), *key, kAesKwp, Bytes(size)), invalid);
    EXPECT_THAT(unwrapped(provider(), *pair, kRsaSha256, Bytes(256 + size)), invalid);
  }
  for (std::size_t size : {16U, 255U})
    EXPECT_THAT(unwrapped(provider(), *pair, kRsaSha256, Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, WrappedKeysOfEveryTypeComeBack) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto key = imported(wrapping(counting(32)), counting(32));
  auto pair = imported(attributes_of(kRsaPair, 2048, kRsaSha256), fixed_key(kRsaPair, 2048));
  ASSERT_TRUE(key != nullptr && pair != nullptr);
  for (const auto& [type, bits] :
       {std::pair(kRaw, 65528U), std::pair(kAes, 128U), std::pair(kHmac, 8U),
        std::pair(kEcPair, 256U), std::pair(kEcPublic, 256U), std::pair(kRsaPair, 4096U),
        std::pair(kRsaPublic, 2048U), std::pair(kDhPair, 2048U)}) {
    if (!can(Capability::Import, type, bits)) continue;
    SCOPED_TRACE(to_string(type, bits));
    Bytes data = fixed_key(type, bits);
    auto wrapped_key = imported(attributes_of(type, bits), data);
    ASSERT_NE(wrapped_key, nullptr);
    for (const auto& [with, algorithm] : {std::pair(key, kAesKwp), std::pair(pair, kRsaSha256)}) {
      auto wrapped = provider().key_wrapper()->wrap(*with, algorithm, *wrapped_key);
      ASSERT_THAT(wrapped, IsOk());
      auto back =
          provider().key_wrapper()->unwrap(*with, algorithm, *wrapped, attributes_of(type, 0));
      ASSERT_THAT(back, IsOk());
      EXPECT_EQ(back->attributes.bits, bits);
      auto stored = store(*std::move(back));
      EXPECT_EQ(stored->public_key, wrapped_key->public_key);
      if (!type.is_public_key()) {
        EXPECT_THAT(exported(provider(), stored), IsOkAndHolds(data));
      }
    }
  }
}

TEST_P(ProviderConformance, WhatIsUnwrappedIsCheckedAsAnImport) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto key = imported(wrapping(counting(32)), counting(32));
  auto wrapped_key = imported(raw(counting(17)), counting(17));
  ASSERT_TRUE(key != nullptr && wrapped_key != nullptr);
  auto wrapped = provider().key_wrapper()->wrap(*key, kAesKwp, *wrapped_key);
  ASSERT_THAT(wrapped, IsOk());
  for (const auto& [type, bits] :
       {std::pair(kAes, 0U), std::pair(kAes, 128U), std::pair(kRaw, 128U), std::pair(kEcPair, 0U),
        std::pair(kEcPublic, 256U), std::pair(kRsaPair, 0U)})
    EXPECT_THAT(
        provider().key_wrapper()->unwrap(*key, kAesKwp, *wrapped, attributes_of(type, bits)),
        FailsWith(Status::PsaErrorInvalidArgument))
        << to_string(type, bits);
}

// PKCS#11 v3.0 current mechanisms §2.1.21, put together by hand.
TEST_P(ProviderConformance, WhatOthersWrapWithRsaIsUnwrapped) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  for (psa::Hash hash : {psa::Hash::Sha1, psa::Hash::Sha256, psa::Hash::Sha512}) {
    SCOPED_TRACE(psa::to_string(hash));
    const psa::KeyWrap algorithm{Kind::RsaOaepAesKwp, hash};
    const psa::AsymmetricEncryption oaep{psa::AsymmetricEncryption::Kind::RsaOaep, hash};
    auto pair = imported(attributes_of(kRsaPair, 2048, algorithm), fixed_key(kRsaPair, 2048));
    ASSERT_NE(pair, nullptr);
    Bytes front = oracle::rsa_encrypt(pair->public_key, oaep, from_hex(kVector256.key), {});
    auto back =
        unwrapped(provider(), *pair, algorithm, joined(front, from_hex(kVector256.wrapped)));
    ASSERT_THAT(back, IsOk());
    EXPECT_THAT(exported(provider(), store(*std::move(back))),
                IsOkAndHolds(from_hex(kVector256.data)));
  }
}

TEST_P(ProviderConformance, WhatIsWrappedWithRsaIsWhatOthersRead) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto public_key =
      imported(attributes_of(kRsaPublic, 2048, kRsaSha256), fixed_key(kRsaPublic, 2048));
  auto pair = imported(attributes_of(kRsaPair, 2048, kOaepSha256), fixed_key(kRsaPair, 2048));
  auto wrapped_key = imported(raw(counting(31)), counting(31));
  ASSERT_TRUE(public_key != nullptr && pair != nullptr && wrapped_key != nullptr);
  auto wrapped = provider().key_wrapper()->wrap(*public_key, kRsaSha256, *wrapped_key);
  ASSERT_THAT(wrapped, IsOk());
  ASSERT_EQ(wrapped->size(), 256U + 40);
  auto drawn =
      provider().encrypter()->decrypt(*pair, kOaepSha256, ByteView(*wrapped).first(256), {});
  ASSERT_THAT(drawn, IsOk());
  ASSERT_EQ(drawn->size(), 32U);
  auto key = imported(wrapping(drawn->reveal()), drawn->reveal());
  ASSERT_NE(key, nullptr);
  auto back = unwrapped(provider(), *key, kAesKwp, ByteView(*wrapped).subspan(256));
  ASSERT_THAT(back, IsOk());
  EXPECT_THAT(exported(provider(), store(*std::move(back))), IsOkAndHolds(counting(31)));
  auto again = provider().key_wrapper()->wrap(*public_key, kRsaSha256, *wrapped_key);
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(*again, *wrapped);
}

// No oracle: OAEP that does not decrypt, with another label or hash, a number above the modulus, a
// key between the two of another length, and KWP that fails all answer the same.
TEST_P(ProviderConformance, EveryFaultOfRsaWrappedKeysAnswersTheSame) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto pair = imported(attributes_of(kRsaPair, 2048, kRsaSha256), fixed_key(kRsaPair, 2048));
  ASSERT_NE(pair, nullptr);
  const Bytes key = from_hex(kVector256.key);
  const Bytes behind = from_hex(kVector256.wrapped);
  auto front = [&](const psa::AsymmetricEncryption& padding, ByteView drawn, ByteView label) {
    return oracle::rsa_encrypt(pair->public_key, padding, drawn, label);
  };
  const psa::AsymmetricEncryption other_hash{psa::AsymmetricEncryption::Kind::RsaOaep,
                                             psa::Hash::Sha384};
  const Bytes good = front(kOaepSha256, key, {});
  ASSERT_THAT(unwrapped(provider(), *pair, kRsaSha256, joined(good, behind)), IsOk());
  for (const Bytes& bad :
       {joined(with_flipped_bit(good, 100), behind), joined(Bytes(256, std::byte{0xff}), behind),
        joined(Bytes(256), behind), joined(front(kPkcs1, key, {}), behind),
        joined(front(other_hash, key, {}), behind),
        joined(front(kOaepSha256, key, view_of("label")), behind),
        joined(front(kOaepSha256, ByteView(key).first(16), {}), behind),
        joined(front(kOaepSha256, ByteView(key).first(31), {}), behind),
        joined(good, with_flipped_bit(behind, 0)),
        joined(good, with_flipped_bit(behind, behind.size() - 1)),
        joined(good, ByteView(behind).first(24))})
    EXPECT_THAT(unwrapped(provider(), *pair, kRsaSha256, bad),
                FailsWith(Status::PsaErrorInvalidSignature));
}

TEST_P(ProviderConformance, PublicKeysWrapButDoNotUnwrap) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  auto public_key =
      imported(attributes_of(kRsaPublic, 2048, kRsaSha256), fixed_key(kRsaPublic, 2048));
  auto wrapped_key = imported(raw(counting(16)), counting(16));
  ASSERT_TRUE(public_key != nullptr && wrapped_key != nullptr);
  auto wrapped = provider().key_wrapper()->wrap(*public_key, kRsaSha256, *wrapped_key);
  ASSERT_THAT(wrapped, IsOk());
  EXPECT_THAT(unwrapped(provider(), *public_key, kRsaSha256, *wrapped),
              FailsWith(Status::PsaErrorInvalidArgument));
}

// RFC 8017 §7.1.1: 1024 bits have no room for two digests of SHA-384 and the key.
TEST_P(ProviderConformance, AModulusWithoutRoomForAWrappingKeyIsNotSupported) {
  if (provider().key_wrapper() == nullptr) GTEST_SKIP() << "wraps no keys";
  const psa::KeyWrap sha384{Kind::RsaOaepAesKwp, psa::Hash::Sha384};
  auto pair = imported(attributes_of(kRsaPair, 1024, sha384), fixed_key(kRsaPair, 1024));
  auto wrapped_key = imported(raw(counting(16)), counting(16));
  ASSERT_TRUE(pair != nullptr && wrapped_key != nullptr);
  EXPECT_FALSE(can(Capability::Use, kRsaPair, 1024, sha384));
  EXPECT_THAT(provider().key_wrapper()->wrap(*pair, sha384, *wrapped_key),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_TRUE(can(Capability::Use, kRsaPair, 1024, kRsaSha256));
}

}  // namespace
}  // namespace strongroom::conformance
