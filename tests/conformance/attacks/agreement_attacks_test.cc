// Public keys that make a careless key agreement tell its private key, or always the same secret.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;
using enum psa::EccFamily;

constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};
constexpr psa::KeyAgreement kFfdh{psa::RawKeyAgreement::Ffdh, std::nullopt};

psa::KeyType pair_on(psa::EccFamily family) {
  return {psa::KeyType::Kind::EccKeyPair, family};
}
psa::KeyType public_key_on(psa::EccFamily family) {
  return {psa::KeyType::Kind::EccPublicKey, family};
}

// Points of other curves of one length: what they agree on would be computed on a weak curve.
TEST_P(ProviderConformance, PointsOfOtherCurvesAreRefused) {
  const std::vector<std::pair<psa::EccFamily, std::uint32_t>> curves = {
      {SecpR1, 192}, {SecpK1, 192}, {BrainpoolPR1, 192}, {SecpR1, 224},       {SecpK1, 224},
      {SecpR1, 256}, {SecpK1, 256}, {BrainpoolPR1, 256}, {BrainpoolPR1, 224}, {SecpR1, 384},
      {SectK1, 233}, {SectR1, 233}, {BrainpoolPR1, 384}, {SectK1, 283},       {SectR1, 283}};
  for (const auto& [family, bits] : curves) {
    if (!can(Capability::Import, pair_on(family), bits, kEcdh)) continue;
    SCOPED_TRACE(to_string(pair_on(family), bits));
    auto key =
        imported(attributes_of(pair_on(family), bits, kEcdh), fixed_key(pair_on(family), bits));
    ASSERT_NE(key, nullptr);
    for (const auto& [other_family, other_bits] : curves) {
      if (other_bits != bits || other_family == family) continue;
      Bytes point = fixed_key(public_key_on(other_family), other_bits);
      EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, point),
                  FailsWith(Status::PsaErrorInvalidArgument))
          << to_string(pair_on(other_family), other_bits);
    }
  }
}

// On P-256: y² = x³ - 3x + b. The x coordinates that no point has are those of the twist.
TEST_P(ProviderConformance, PointsOfTheTwistAndOtherEncodingsAreRefused) {
  if (!can(Capability::Import, kEcPair, 256, kEcdh)) GTEST_SKIP() << "no ECDH with P-256";
  auto key = imported(attributes_of(kEcPair, 256, kEcdh), fixed_key(kEcPair, 256));
  ASSERT_NE(key, nullptr);
  Bytes good = fixed_key(kEcPublic, 256);
  ByteView x = ByteView(good).subspan(1, 32);
  ByteView y = ByteView(good).last(32);
  Bytes p = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  Bytes four(1, std::byte{4});
  auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, good);
  ASSERT_THAT(secret, IsOk());
  // The opposite point is another public key with the same secret: x alone is the secret.
  auto opposite =
      provider().key_agreer()->agree(*key, kEcdh.raw, joined({four, x, difference_of(p, y)}));
  ASSERT_THAT(opposite, IsOk());
  EXPECT_TRUE(*opposite == *secret);

  std::vector<Bytes> bad = {
      Bytes(1), Bytes(65), four, joined({four, Bytes(64)}), joined({four, p, Bytes(32)}),
      joined({four, x, p}), joined({four, p, y}), joined({four, y, x}), joined({four, x, x}),
      joined({four, x, difference_of(p, oracle::plus(copy_of(y), 1))}),
      joined({four, Bytes(64, std::byte{0xff})}), joined({four, good}),
      joined({four, Bytes(1), x, Bytes(1), y}), joined({x, y}), joined({four, x}),
      joined({Bytes(1, std::byte{2}), x}), joined({Bytes(1, std::byte{3}), x}),
      joined({Bytes(1, std::byte{6}), x, y}), joined({Bytes(1, std::byte{7}), x, y}),
      joined({Bytes(1, std::byte{5}), x, y}),
      // SubjectPublicKeyInfo, which other interfaces want.
      joined({from_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), good})};
  // The first x coordinates, each with all y coordinates below four: on the curve is none.
  for (int small_x = 0; small_x < 8; ++small_x)
    for (int small_y = 0; small_y < 4; ++small_y)
      bad.push_back(
          joined({four, oracle::plus(Bytes(32), small_x), oracle::plus(Bytes(32), small_y)}));
  for (const Bytes& point : bad)
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, point),
                FailsWith(Status::PsaErrorInvalidArgument))
        << to_hex(point);
}

// A point with x = 0 is on P-256, and no reason to stop; a secret with leading zeros keeps them.
TEST_P(ProviderConformance, SecretsOfEdgeCasePointsAreAsLongAsTheField) {
  for (auto [family, bits] : {std::pair(SecpR1, 256U), {SecpR1, 521U}, {SecpK1, 256U}}) {
    if (!can(Capability::Import, pair_on(family), bits, kEcdh)) continue;
    SCOPED_TRACE(to_string(pair_on(family), bits));
    auto curve = oracle::curve_of(pair_on(family), bits);
    Bytes one = oracle::plus(Bytes(curve->scalar_size), 1);
    for (const Bytes& scalar : {one, oracle::plus(one, 1), oracle::plus(curve->order, -1),
                                oracle::plus(curve->order, -2)}) {
      auto key = imported(attributes_of(pair_on(family), bits, kEcdh), scalar);
      ASSERT_NE(key, nullptr);
      for (int peer = 1; peer < 40; ++peer) {
        Bytes point = oracle::ec_public_point(pair_on(family), bits, oracle::plus(one, peer));
        auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, point);
        ASSERT_THAT(secret, IsOk());
        EXPECT_EQ(to_hex(secret->reveal()),
                  to_hex(oracle::ecdh(pair_on(family), bits, scalar, point)));
      }
    }
  }
  if (!can(Capability::Import, kEcPair, 256, kEcdh)) return;
  auto key = imported(attributes_of(kEcPair, 256, kEcdh), fixed_key(kEcPair, 256));
  ASSERT_NE(key, nullptr);
  Bytes zero_x =
      joined({from_hex("04"), Bytes(32),
              from_hex("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")});
  EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, zero_x), IsOk());
}

Bytes reversed(std::string_view hex) {
  Bytes bytes = from_hex(hex);
  std::ranges::reverse(bytes);
  return bytes;
}

// The u coordinates of order 1, 2, 4 and 8 on Curve25519 and its twist, and the numbers that are
// the same modulo p = 2^255 - 19; on Curve448 those of order 1, 2 and 4. Little-endian.
std::vector<Bytes> points_of_small_order(std::uint32_t bits) {
  if (bits == 448) {
    Bytes p(56, std::byte{0xff});
    p[28] = std::byte{0xfe};
    Bytes minus_one = p;
    minus_one[0] = std::byte{0xfe};
    Bytes plus_one(56);
    std::ranges::fill(MutableByteView(plus_one).last(28), std::byte{0xff});
    Bytes one(56);
    one[0] = std::byte{1};
    return {Bytes(56), one, minus_one, p, plus_one};
  }
  std::vector<Bytes> points = {
      Bytes(32),
      reversed("0000000000000000000000000000000000000000000000000000000000000001"),
      from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
      from_hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
      reversed("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
      reversed("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"),
      reversed("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee"),
  };
  // The highest bit does not count: RFC 7748 §5.
  for (std::size_t i = 0; i < 7; ++i) {
    points.push_back(points[i]);
    points.back().back() |= std::byte{0x80};
  }
  return points;
}

TEST_P(ProviderConformance, MontgomeryPointsOfASmallOrderGiveNoSecret) {
  for (std::uint32_t bits : {255U, 448U}) {
    if (!can(Capability::Import, pair_on(Montgomery), bits, kEcdh)) continue;
    Bytes scalar = fixed_key(pair_on(Montgomery), bits);
    auto key = imported(attributes_of(pair_on(Montgomery), bits, kEcdh), scalar);
    ASSERT_NE(key, nullptr);
    for (const Bytes& u : points_of_small_order(bits)) {
      EXPECT_EQ(montgomery_multiple(bits, scalar, u), Bytes(u.size())) << to_hex(u);
      EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, u),
                  FailsWith(Status::PsaErrorInvalidArgument))
          << to_hex(u);
    }
  }
}

// RFC 7748 §5: every u is computed with, on the curve, on its twist and beyond the prime alike.
TEST_P(ProviderConformance, EveryOtherMontgomeryPointIsComputedWith) {
  for (std::uint32_t bits : {255U, 448U}) {
    if (!can(Capability::Import, pair_on(Montgomery), bits, kEcdh)) continue;
    std::size_t size = (bits + 7) / 8;
    std::vector<Bytes> points;
    for (std::uint8_t first = 2; first < 18; ++first) {
      // Half of the small numbers are on the twist.
      points.emplace_back(size);
      points.back()[0] = std::byte{first};
      points.push_back(counting(size));
      points.back()[3] = std::byte{first};
      // Beyond p there is room for eighteen numbers on Curve25519, for many on Curve448.
      points.emplace_back(size, std::byte{0xff});
      points.back()[0] = std::byte{0xff} ^ std::byte{first};
      if (bits == 255) points.back()[0] = static_cast<std::byte>(0xed + first);
    }
    Bytes scalar = fixed_key(pair_on(Montgomery), bits);
    auto key = imported(attributes_of(pair_on(Montgomery), bits, kEcdh), scalar);
    ASSERT_NE(key, nullptr);
    for (const Bytes& u : points) {
      auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, u);
      ASSERT_THAT(secret, IsOk()) << to_hex(u);
      EXPECT_EQ(to_hex(secret->reveal()), to_hex(montgomery_multiple(bits, scalar, u)))
          << to_hex(u);
    }
  }
}

// g^(x·y) with y searched for, so that the secret begins with a zero byte.
TEST_P(ProviderConformance, FfdhSecretsKeepTheirLeadingZeros) {
  if (!can(Capability::Import, kDhPair, 2048, kFfdh)) GTEST_SKIP() << "no FFDH";
  Bytes three = oracle::plus(Bytes(256), 3);
  auto key = imported(attributes_of(kDhPair, 2048, kFfdh), three);
  ASSERT_NE(key, nullptr);
  Bytes two(1, std::byte{2});
  int found = 0;
  for (int y = 700; y < 2700; ++y) {
    Bytes peer = oracle::dh_power(2048, two, oracle::plus(Bytes(256), y));
    Bytes expected = oracle::dh_power(2048, peer, three);
    if (expected[0] != std::byte{0}) continue;
    ++found;
    auto secret = provider().key_agreer()->agree(*key, kFfdh.raw, peer);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(to_hex(secret->reveal()), to_hex(expected));
  }
  EXPECT_GT(found, 0);
}

// In the largest group, too: 0, 1, p - 1, p and beyond, and a number outside of the subgroup.
TEST_P(ProviderConformance, NumbersThatAreNoDhKeysAreRefusedInEveryGroup) {
  for (std::uint32_t bits : {4096U, 6144U, 8192U}) {
    if (!can(Capability::Import, kDhPair, bits, kFfdh)) continue;
    SCOPED_TRACE(bits);
    auto key = imported(attributes_of(kDhPair, bits, kFfdh), fixed_key(kDhPair, bits));
    ASSERT_NE(key, nullptr);
    Bytes p = oracle::dh_prime(bits);
    Bytes zero(bits / 8);
    for (const Bytes& bad : {zero, oracle::plus(zero, 1), oracle::plus(p, -1), p,
                             oracle::plus(p, 1), oracle::plus(p, 2), oracle::plus(p, -2),
                             Bytes(bits / 8, std::byte{0xff}), oracle::dh_prime(2048)})
      EXPECT_THAT(provider().key_agreer()->agree(*key, kFfdh.raw, bad),
                  FailsWith(Status::PsaErrorInvalidArgument));
  }
}

}  // namespace
}  // namespace strongroom::conformance
