#include <algorithm>
#include <ranges>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

struct KeySize {
  psa::KeyType type;
  std::uint32_t bits;
};
constexpr std::array kPairSizes = {KeySize{kRsaPair, 2048}, KeySize{kRsaPair, 3072},
                                   KeySize{kRsaPair, 4096}, KeySize{kEcPair, 256},
                                   KeySize{kEcPair, 384},   KeySize{kEcPair, 521}};
constexpr std::array kPublicSizes = {KeySize{kRsaPublic, 2048}, KeySize{kRsaPublic, 3072},
                                     KeySize{kRsaPublic, 4096}, KeySize{kEcPublic, 256},
                                     KeySize{kEcPublic, 384},   KeySize{kEcPublic, 521}};
constexpr std::array kAesSizes = {KeySize{kAes, 128}, KeySize{kAes, 192}, KeySize{kAes, 256}};

constexpr std::size_t byte_size(std::uint32_t bits) {
  return (bits + 7) / 8;
}

TEST_P(ProviderConformance, GeneratedRsaPairsAreExportedAsPkcs1) {
  if (!can(Capability::Generate, kRsaPair, 2048)) GTEST_SKIP() << "no RSA-2048 generation";
  auto key = provider().keys()->generate(attributes_of(kRsaPair, 2048), {});
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->attributes, attributes_of(kRsaPair, 2048));
  // 257 bytes of modulus, 65537, and the headers.
  EXPECT_EQ(key->public_key.size(), 270U);
  EXPECT_EQ(to_hex(ByteView(key->public_key).last(5)), "0203010001");
  auto record = store(*std::move(key));
  auto exported = provider().keys()->export_key(*record);
  if (!exported) GTEST_SKIP() << "no export of private keys";
  EXPECT_TRUE(oracle::is_rsa_pair(exported->reveal(), record->public_key));
}

TEST_P(ProviderConformance, GeneratedEcPairsHaveFixedLengths) {
  for (std::uint32_t bits : {256U, 384U, 521U}) {
    if (!can(Capability::Generate, kEcPair, bits)) continue;
    // Some scalars and coordinates begin with zeros, which must be kept.
    for (int round = 0; round < 40; ++round) {
      auto key = provider().keys()->generate(attributes_of(kEcPair, bits), {});
      ASSERT_THAT(key, IsOk());
      ASSERT_EQ(key->public_key.size(), 1 + 2 * byte_size(bits));
      EXPECT_EQ(key->public_key[0], std::byte{4});
      auto record = store(*std::move(key));
      auto exported = provider().keys()->export_key(*record);
      if (!exported) continue;
      ASSERT_EQ(exported->size(), byte_size(bits));
      auto again = provider().keys()->import(attributes_of(kEcPair, bits), exported->reveal());
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(again->public_key, record->public_key);
    }
  }
}

TEST_P(ProviderConformance, GeneratedSymmetricKeysDifferAndHaveTheSizeAskedFor) {
  for (const auto& [type, bits] : kAesSizes) {
    if (!can(Capability::Generate, type, bits)) continue;
    auto first = provider().keys()->generate(attributes_of(type, bits), {});
    auto second = provider().keys()->generate(attributes_of(type, bits), {});
    ASSERT_THAT(first, IsOk());
    ASSERT_THAT(second, IsOk());
    EXPECT_TRUE(first->public_key.empty());
    auto exported = provider().keys()->export_key(*store(*std::move(first)));
    auto other = provider().keys()->export_key(*store(*std::move(second)));
    if (!exported || !other) continue;
    EXPECT_EQ(exported->size(), bits / 8);
    EXPECT_FALSE(*exported == *other);
  }
}

TEST_P(ProviderConformance, GenerationStopsWhenItWasStoppedBefore) {
  if (way() == Way::Socket) GTEST_SKIP() << "a stop does not cross the socket";
  if (!can(Capability::Generate, kRsaPair, 2048)) GTEST_SKIP() << "no RSA-2048 generation";
  std::stop_source source;
  source.request_stop();
  EXPECT_THAT(provider().keys()->generate(attributes_of(kRsaPair, 2048), source.get_token()),
              FailsWith(Status::PsaErrorGenericError));
}

TEST_P(ProviderConformance, PublicKeysAreNotGenerated) {
  if (provider().keys() == nullptr) GTEST_SKIP() << "no key manager";
  for (const auto& [type, bits] : kPublicSizes)
    EXPECT_THAT(provider().keys()->generate(attributes_of(type, bits), {}),
                FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, ImportedSecretsAreExportedByteForByte) {
  std::vector<KeySize> sizes(kPairSizes.begin(), kPairSizes.end());
  sizes.insert(sizes.end(), kAesSizes.begin(), kAesSizes.end());
  for (const auto& [type, bits] : sizes) {
    if (!can(Capability::Import, type, bits)) continue;
    SCOPED_TRACE(to_string(type, bits));
    Bytes data = fixed_key(type, bits);
    for (std::uint32_t asked : {bits, 0U}) {
      auto record = imported(attributes_of(type, asked), data);
      ASSERT_NE(record, nullptr);
      EXPECT_EQ(record->attributes.bits, bits);
      auto exported = provider().keys()->export_key(*record);
      if (is_not_exported(exported)) continue;
      ASSERT_THAT(exported, IsOk());
      EXPECT_EQ(to_hex(exported->reveal()), to_hex(data));
    }
  }
}

TEST_P(ProviderConformance, ImportedPairsHaveTheirPublicKey) {
  for (const auto& [type, bits] : kPairSizes) {
    if (!can(Capability::Import, type, bits)) continue;
    SCOPED_TRACE(to_string(type, bits));
    auto record = imported(attributes_of(type, bits), fixed_key(type, bits));
    ASSERT_NE(record, nullptr);
    psa::KeyType public_type = type == kRsaPair ? kRsaPublic : kEcPublic;
    EXPECT_EQ(to_hex(record->public_key), to_hex(fixed_key(public_type, bits)));
  }
}

TEST_P(ProviderConformance, ImportedPublicKeysAreKeptByteForByte) {
  for (const auto& [type, bits] : kPublicSizes) {
    if (!can(Capability::Import, type, bits)) continue;
    SCOPED_TRACE(to_string(type, bits));
    for (std::uint32_t asked : {bits, 0U}) {
      auto record = imported(attributes_of(type, asked), fixed_key(type, bits));
      ASSERT_NE(record, nullptr);
      EXPECT_EQ(record->attributes.bits, bits);
      EXPECT_EQ(to_hex(record->public_key), to_hex(fixed_key(type, bits)));
      EXPECT_TRUE(way() == Way::Socket || record->material.is_empty());
    }
  }
}

TEST_P(ProviderConformance, TheAlgorithmOfAnImportNeedNotFitTheKey) {
  if (!can(Capability::Import, kAes, 128)) GTEST_SKIP() << "no AES import";
  psa::AsymmetricSignature md5{psa::AsymmetricSignature::Kind::RsaPkcs1v15, psa::Hash::Md5};
  EXPECT_NE(imported(attributes_of(kAes, 128, md5), fixed_key(kAes, 128)), nullptr);
}

TEST_P(ProviderConformance, ASizeOtherThanTheDataIsRefused) {
  const std::array wrong = {KeySize{kRsaPair, 3072}, KeySize{kRsaPublic, 4096},
                            KeySize{kEcPair, 384}, KeySize{kEcPublic, 521}, KeySize{kAes, 256}};
  const std::array real = {2048U, 2048U, 256U, 256U, 128U};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    if (!can(Capability::Import, wrong[i].type, wrong[i].bits)) continue;
    SCOPED_TRACE(to_string(wrong[i].type, wrong[i].bits));
    EXPECT_THAT(provider().keys()->import(attributes_of(wrong[i].type, wrong[i].bits),
                                          fixed_key(wrong[i].type, real[i])),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// Every kind of key, cut short, lengthened, emptied.
TEST_P(ProviderConformance, DataOfAnotherLengthIsRefused) {
  std::vector<KeySize> sizes(kPairSizes.begin(), kPairSizes.end());
  sizes.insert(sizes.end(), kPublicSizes.begin(), kPublicSizes.end());
  sizes.insert(sizes.end(), kAesSizes.begin(), kAesSizes.end());
  for (const auto& [type, bits] : sizes) {
    if (!can(Capability::Import, type, bits)) continue;
    SCOPED_TRACE(to_string(type, bits));
    Bytes longer = fixed_key(type, bits);
    longer.push_back(std::byte{0});
    ByteView shorter = ByteView(longer).first(longer.size() - 2);
    for (ByteView data : {ByteView(longer), shorter, ByteView()})
      for (std::uint32_t asked : {bits, 0U})
        EXPECT_THAT(provider().keys()->import(attributes_of(type, asked), data),
                    FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// A changed bit anywhere in the nine integers makes numbers that do not belong together, or is no
// DER. What makes a modulus even or an exponent too long may also be called unsupported.
TEST_P(ProviderConformance, InconsistentRsaPairsAreRefused) {
  if (!can(Capability::Import, kRsaPair, 2048)) GTEST_SKIP() << "no RSA import";
  Bytes data = fixed_key(kRsaPair, 2048);
  for (std::size_t at = 0; at < data.size(); at += 53) {
    SCOPED_TRACE(at);
    EXPECT_THAT(
        provider().keys()->import(attributes_of(kRsaPair, 2048), with_flipped_bit(data, at)),
        FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, ScalarsOutOfRangeAreRefused) {
  if (!can(Capability::Import, kEcPair, 256)) GTEST_SKIP() << "no P-256 import";
  // SP 800-186 §3.2.1.3: the order of P-256.
  Bytes order = from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  Bytes below = order;
  below.back() = std::byte{0x50};
  EXPECT_THAT(provider().keys()->import(attributes_of(kEcPair, 256), order),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(provider().keys()->import(attributes_of(kEcPair, 256), Bytes(32)),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(provider().keys()->import(attributes_of(kEcPair, 256), below), IsOk());
}

TEST_P(ProviderConformance, PointsThatAreNotUncompressedOnTheCurveAreRefused) {
  if (!can(Capability::Import, kEcPublic, 256)) GTEST_SKIP() << "no P-256 public key import";
  Bytes point = fixed_key(kEcPublic, 256);
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = std::byte{3};
  Bytes hybrid = point;
  hybrid[0] = std::byte{7};
  Bytes beyond_field = point;
  std::ranges::fill(beyond_field | std::views::drop(1), std::byte{0xff});
  for (const Bytes& bad :
       {compressed, hybrid, beyond_field, with_flipped_bit(point, 64), Bytes(1), Bytes(65)})
    EXPECT_THAT(provider().keys()->import(attributes_of(kEcPublic, 256), bad),
                FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, LeadingZerosOfScalarsAreKept) {
  if (!can(Capability::Import, kEcPair, 256)) GTEST_SKIP() << "no P-256 import";
  Bytes one(32);
  one.back() = std::byte{1};
  auto record = imported(attributes_of(kEcPair, 256), one);
  ASSERT_NE(record, nullptr);
  // The generator itself, SP 800-186 §3.2.1.3.
  EXPECT_EQ(to_hex(record->public_key),
            "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
  auto exported = provider().keys()->export_key(*record);
  if (is_not_exported(exported)) GTEST_SKIP() << "no export of private keys";
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(to_hex(exported->reveal()), to_hex(one));
}

}  // namespace
}  // namespace strongroom::conformance
