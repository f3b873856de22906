// X25519, X448 and Diffie-Hellman in the groups of RFC 7919.
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

constexpr psa::KeyType kMontgomeryPair{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::Montgomery};
constexpr psa::KeyType kMontgomeryPublic{psa::KeyType::Kind::EccPublicKey,
                                         psa::EccFamily::Montgomery};
constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};
constexpr psa::KeyAgreement kFfdh{psa::RawKeyAgreement::Ffdh, std::nullopt};
constexpr std::array kGroups = {2048U, 3072U, 4096U, 6144U, 8192U};

struct MontgomeryVector {
  std::string_view source;
  std::uint32_t bits;
  std::string_view scalar, peer, shared;
};
constexpr std::array kVectors = {
    MontgomeryVector{"RFC 7748 5.2", 255,
                     "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    MontgomeryVector{"RFC 7748 5.2, the top bit of u is masked", 255,
                     "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
    MontgomeryVector{"RFC 7748 5.2", 448,
                     "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c"
                     "984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
                     "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031"
                     "ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
                     "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaad"
                     "eb445fc66a01b0779d98223961111e21766282f73dd96b6f"},
};

TEST_P(ProviderConformance, X25519AndX448GiveThePublishedResults) {
  for (const MontgomeryVector& vector : kVectors) {
    SCOPED_TRACE(vector.source);
    if (!can(Capability::Import, kMontgomeryPair, vector.bits, kEcdh)) continue;
    for (std::uint32_t asked : {vector.bits, 0U}) {
      auto key = imported(attributes_of(kMontgomeryPair, asked), from_hex(vector.scalar));
      ASSERT_NE(key, nullptr);
      EXPECT_EQ(key->attributes.bits, vector.bits);
      auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, from_hex(vector.peer));
      ASSERT_THAT(secret, IsOk());
      EXPECT_EQ(to_hex(secret->reveal()), vector.shared);
    }
  }
}

// RFC 7748 §5: what is masked does not count, and an export has it masked.
TEST_P(ProviderConformance, MontgomeryKeysAreExportedMasked) {
  for (std::uint32_t bits : {255U, 448U}) {
    if (!can(Capability::Import, kMontgomeryPair, bits)) continue;
    Bytes canonical = fixed_key(kMontgomeryPair, bits);
    Bytes loose = canonical;
    loose[0] |= std::byte{3};
    loose.back() = bits == 255 ? std::byte{0x90} : std::byte{0x50};
    for (const Bytes& data : {canonical, loose}) {
      auto record = imported(attributes_of(kMontgomeryPair, bits), data);
      ASSERT_NE(record, nullptr);
      auto exported = provider().keys()->export_key(*record);
      ASSERT_THAT(exported, IsOk());
      EXPECT_EQ(to_hex(exported->reveal()), to_hex(canonical));
      EXPECT_EQ(to_hex(record->public_key), to_hex(fixed_key(kMontgomeryPublic, bits)));
    }
  }
}

TEST_P(ProviderConformance, BothSidesOfX25519AndX448Agree) {
  for (std::uint32_t bits : {255U, 448U}) {
    if (!can(Capability::Generate, kMontgomeryPair, bits, kEcdh)) continue;
    auto ours = provider().keys()->generate(attributes_of(kMontgomeryPair, bits), {});
    auto theirs = provider().keys()->generate(attributes_of(kMontgomeryPair, bits), {});
    ASSERT_THAT(ours, IsOk());
    ASSERT_THAT(theirs, IsOk());
    auto one = store(*std::move(ours));
    auto other = store(*std::move(theirs));
    auto secret = provider().key_agreer()->agree(*one, kEcdh.raw, other->public_key);
    auto same = provider().key_agreer()->agree(*other, kEcdh.raw, one->public_key);
    ASSERT_THAT(secret, IsOk());
    ASSERT_THAT(same, IsOk());
    EXPECT_EQ(secret->size(), bits == 255 ? 32U : 56U);
    EXPECT_TRUE(*secret == *same);
  }
}

// Wycheproof's points of small order on curve and twist; with the top bit set they are the same.
TEST_P(ProviderConformance, AMontgomerySecretOfZerosIsRefused) {
  constexpr std::array kSmall = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  if (!can(Capability::Use, kMontgomeryPair, 255, kEcdh)) GTEST_SKIP() << "no X25519";
  auto key = some_key(kMontgomeryPair, 255);
  ASSERT_NE(key, nullptr);
  for (const char* u : kSmall) {
    Bytes peer = from_hex(u);
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, peer),
                FailsWith(Status::PsaErrorInvalidArgument))
        << u;
    peer.back() |= std::byte{0x80};
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, peer),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// 0, 1, p - 1, p and p + 1 with p = 2^448 - 2^224 - 1, little-endian.
TEST_P(ProviderConformance, AnX448SecretOfZerosIsRefused) {
  if (!can(Capability::Use, kMontgomeryPair, 448, kEcdh)) GTEST_SKIP() << "no X448";
  auto key = some_key(kMontgomeryPair, 448);
  ASSERT_NE(key, nullptr);
  Bytes zero(56);
  Bytes one = zero;
  one[0] = std::byte{1};
  Bytes p(56, std::byte{0xff});
  p[28] = std::byte{0xfe};
  Bytes before = p;
  before[0] = std::byte{0xfe};
  Bytes after(56);
  std::fill(after.begin() + 28, after.end(), std::byte{0xff});
  for (const Bytes& peer : {zero, one, before, p, after})
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, peer),
                FailsWith(Status::PsaErrorInvalidArgument))
        << to_hex(peer);
}

TEST_P(ProviderConformance, MontgomeryKeysOfAnotherLengthAreRefused) {
  for (std::uint32_t bits : {255U, 448U}) {
    if (!can(Capability::Use, kMontgomeryPair, bits, kEcdh)) continue;
    auto key = some_key(kMontgomeryPair, bits);
    ASSERT_NE(key, nullptr);
    for (std::size_t size : {0U, 31U, 33U, 55U, 57U, 65U}) {
      auto refused = FailsWith(Status::PsaErrorInvalidArgument);
      EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, Bytes(size, std::byte{9})),
                  refused);
      for (const psa::KeyType& type : {kMontgomeryPair, kMontgomeryPublic})
        EXPECT_THAT(provider().keys()->import(attributes_of(type, bits), Bytes(size, std::byte{9})),
                    refused);
    }
  }
}

TEST_P(ProviderConformance, FfdhIsWhatOpensslRaisesToAPower) {
  for (std::uint32_t bits : kGroups) {
    if (!can(Capability::Import, kDhPair, bits, kFfdh)) continue;
    SCOPED_TRACE(bits);
    Bytes x = fixed_key(kDhPair, bits);
    auto key = some_key(kDhPair, bits);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(to_hex(key->public_key), to_hex(fixed_key(kDhPublic, bits)));
    Bytes two(1, std::byte{2});
    Bytes peer = oracle::dh_power(bits, two, oracle::plus(x, 1));
    auto secret = provider().key_agreer()->agree(*key, kFfdh.raw, peer);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(to_hex(secret->reveal()), to_hex(oracle::dh_power(bits, peer, x)));
    auto exported = provider().keys()->export_key(*key);
    ASSERT_THAT(exported, IsOk());
    EXPECT_EQ(to_hex(exported->reveal()), to_hex(x));
  }
}

TEST_P(ProviderConformance, GeneratedDhPairsHaveTheLengthOfThePrime) {
  for (std::uint32_t bits : kGroups) {
    if (!can(Capability::Generate, kDhPair, bits)) continue;
    SCOPED_TRACE(bits);
    auto made = provider().keys()->generate(attributes_of(kDhPair, bits), {});
    ASSERT_THAT(made, IsOk());
    EXPECT_EQ(made->public_key.size(), bits / 8);
    auto record = store(*std::move(made));
    auto exported = provider().keys()->export_key(*record);
    if (!exported) continue;
    ASSERT_EQ(exported->size(), bits / 8);
    EXPECT_EQ(to_hex(oracle::dh_power(bits, Bytes(1, std::byte{2}), exported->reveal())),
              to_hex(record->public_key));
    EXPECT_THAT(provider().keys()->import(attributes_of(kDhPublic, bits), record->public_key),
                IsOk());
  }
}

// SP 800-56A Rev. 3 §5.6.2.3.1: 2 ≤ y ≤ p - 2 and y^q = 1. -2 is no square, for -1 is none.
TEST_P(ProviderConformance, NumbersOutsideOfTheSubgroupAreNoPublicKeys) {
  for (std::uint32_t bits : {2048U, 3072U}) {
    if (!can(Capability::Use, kDhPair, bits, kFfdh)) continue;
    SCOPED_TRACE(bits);
    auto key = some_key(kDhPair, bits);
    ASSERT_NE(key, nullptr);
    Bytes p = oracle::dh_prime(bits);
    Bytes zero(bits / 8);
    Bytes shorter = copy_of(ByteView(key->public_key).subspan(1));
    Bytes longer = key->public_key;
    longer.insert(longer.begin(), std::byte{0});
    for (const Bytes& bad : {zero, oracle::plus(zero, 1), oracle::plus(p, -2), oracle::plus(p, -1),
                             p, oracle::plus(p, 1), shorter, longer, Bytes()}) {
      auto refused = FailsWith(Status::PsaErrorInvalidArgument);
      EXPECT_THAT(provider().key_agreer()->agree(*key, kFfdh.raw, bad), refused);
      EXPECT_THAT(provider().keys()->import(attributes_of(kDhPublic, bits), bad), refused);
    }
  }
}

TEST_P(ProviderConformance, DhExponentsAreBelowTheOrderOfTheSubgroup) {
  if (!can(Capability::Import, kDhPair, 2048)) GTEST_SKIP() << "no import of DH keys";
  Bytes q = oracle::dh_prime(2048);
  for (std::size_t i = q.size(); i-- > 0;) {  // (p - 1) / 2, and p is odd
    std::byte carry = i > 0 ? q[i - 1] << 7 : std::byte{0};
    q[i] = (q[i] >> 1) | carry;
  }
  auto attributes = attributes_of(kDhPair, 2048);
  for (const Bytes& bad : {Bytes(256), q, oracle::plus(q, 1), Bytes(256, std::byte{0xff}),
                           Bytes(255, std::byte{1}), Bytes(257), Bytes()})
    EXPECT_THAT(provider().keys()->import(attributes, bad),
                FailsWith(Status::PsaErrorInvalidArgument));
  for (const Bytes& good : {oracle::plus(Bytes(256), 1), oracle::plus(q, -1)})
    EXPECT_NE(imported(attributes, good), nullptr);
}

}  // namespace
}  // namespace strongroom::conformance
