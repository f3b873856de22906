// Every Weierstrass curve of the contract that the provider has: keys, signatures, agreement.
#include <algorithm>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {
namespace {

constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};

struct CurveCase {
  psa::KeyType pair;
  psa::KeyType public_key;
  std::uint32_t bits;
  oracle::Curve facts;
};

std::vector<CurveCase> all_curves() {
  std::vector<CurveCase> cases;
  for (const auto& [type, bits] : testing::all_key_types()) {
    if (type.kind != psa::KeyType::Kind::EccKeyPair) continue;
    if (auto facts = oracle::curve_of(type, bits))
      cases.push_back(
          {type, {psa::KeyType::Kind::EccPublicKey, type.curve_family}, bits, *std::move(facts)});
  }
  return cases;
}

Bytes one_in(std::size_t size) {
  Bytes bytes(size);
  bytes.back() = std::byte{1};
  return bytes;
}

TEST_P(ProviderConformance, GeneratedPairsHaveTheLengthsAndThePointOfTheirCurve) {
  for (const CurveCase& curve : all_curves()) {
    if (!can(Capability::Generate, curve.pair, curve.bits)) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    auto made = provider().keys()->generate(attributes_of(curve.pair, curve.bits), {});
    ASSERT_THAT(made, IsOk());
    EXPECT_EQ(made->public_key.size(), 1 + 2 * curve.facts.field_size);
    auto record = store(*std::move(made));
    auto exported = provider().keys()->export_key(*record);
    if (!exported) continue;
    ASSERT_EQ(exported->size(), curve.facts.scalar_size);
    EXPECT_EQ(to_hex(record->public_key),
              to_hex(oracle::ec_public_point(curve.pair, curve.bits, exported->reveal())));
  }
}

TEST_P(ProviderConformance, ImportedScalarsOfEveryCurveComeBackWithTheirPoint) {
  for (const CurveCase& curve : all_curves()) {
    if (!can(Capability::Import, curve.pair, curve.bits)) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    Bytes last = oracle::plus(curve.facts.order, -1);
    for (const Bytes& scalar :
         {one_in(curve.facts.scalar_size), last, fixed_key(curve.pair, curve.bits)}) {
      auto record = imported(attributes_of(curve.pair, curve.bits), scalar);
      ASSERT_NE(record, nullptr);
      EXPECT_EQ(to_hex(record->public_key),
                to_hex(oracle::ec_public_point(curve.pair, curve.bits, scalar)));
      auto exported = provider().keys()->export_key(*record);
      if (is_not_exported(exported)) continue;
      ASSERT_THAT(exported, IsOk());
      EXPECT_EQ(to_hex(exported->reveal()), to_hex(scalar));
    }
  }
}

// Wycheproof's edge-case scalars.
TEST_P(ProviderConformance, ScalarsOutOfRangeAreRefusedOnEveryCurve) {
  for (const CurveCase& curve : all_curves()) {
    if (!can(Capability::Import, curve.pair, curve.bits)) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    std::size_t size = curve.facts.scalar_size;
    const Bytes& order = curve.facts.order;
    for (const Bytes& bad :
         {Bytes(size), order, oracle::plus(order, 1), Bytes(size, std::byte{0xff}),
          Bytes(size - 1, std::byte{1}), Bytes(size + 1, std::byte{1})})
      EXPECT_THAT(provider().keys()->import(attributes_of(curve.pair, curve.bits), bad),
                  FailsWith(Status::PsaErrorInvalidArgument))
          << to_hex(bad);
  }
}

// A size of 0 takes the curve from the data; SECT_K1 has two curves with keys of 30 and of 61
// bytes.
TEST_P(ProviderConformance, CurvesAreKnownByTheLengthOfTheirKeys) {
  for (const CurveCase& curve : all_curves()) {
    for (const psa::KeyType& type : {curve.pair, curve.public_key}) {
      if (!can(Capability::Import, type, curve.bits)) continue;
      SCOPED_TRACE(to_string(type, curve.bits));
      auto made = provider().keys()->import(attributes_of(type, 0), fixed_key(type, curve.bits));
      bool is_ambiguous =
          type.curve_family == psa::EccFamily::SectK1 && (curve.bits == 233 || curve.bits == 239);
      if (is_ambiguous) {
        EXPECT_THAT(made, FailsWith(Status::PsaErrorInvalidArgument));
        continue;
      }
      ASSERT_THAT(made, IsOk());
      EXPECT_EQ(made->attributes.bits, curve.bits);
      store(*std::move(made));
    }
  }
}

// Points that are no public keys: off the curve, beyond the field, at infinity, in other forms.
std::vector<Bytes> bad_points(const Bytes& good) {
  Bytes off_curve = with_flipped_bit(good, good.size() - 1);
  Bytes beyond_field(good.size(), std::byte{0xff});
  beyond_field[0] = std::byte{4};
  Bytes no_coordinates(good.size());
  no_coordinates[0] = std::byte{4};
  Bytes compressed = copy_of(ByteView(good).first(1 + good.size() / 2));
  compressed[0] = std::byte{2};
  Bytes hybrid = good;
  hybrid[0] = std::byte{6};
  Bytes longer = good;
  longer.push_back(std::byte{0});
  return {off_curve, beyond_field, no_coordinates, compressed, hybrid, longer, Bytes(1), Bytes()};
}

TEST_P(ProviderConformance, PointsThatAreNoPublicKeysAreRefusedOnEveryCurve) {
  for (const CurveCase& curve : all_curves()) {
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    bool imports = can(Capability::Import, curve.public_key, curve.bits);
    bool agrees = can(Capability::Use, curve.pair, curve.bits, kEcdh);
    for (const Bytes& bad : bad_points(fixed_key(curve.public_key, curve.bits))) {
      auto refused = FailsWith(Status::PsaErrorInvalidArgument);
      if (imports) {
        EXPECT_THAT(provider().keys()->import(attributes_of(curve.public_key, curve.bits), bad),
                    refused);
      }
      if (!agrees) continue;
      auto key = some_key(curve.pair, curve.bits);
      ASSERT_NE(key, nullptr);
      EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, bad), refused);
    }
  }
}

// On Koblitz curves over binary fields (0, 1) is a point of order 2: SP 800-186 §3.2.2, y² = b.
TEST_P(ProviderConformance, PointsOfASmallOrderAreRefused) {
  for (const CurveCase& curve : all_curves()) {
    if (curve.pair.curve_family != psa::EccFamily::SectK1) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    EXPECT_TRUE(curve.facts.has_cofactor);
    Bytes point = one_in(1 + 2 * curve.facts.field_size);
    point[0] = std::byte{4};
    auto refused = FailsWith(Status::PsaErrorInvalidArgument);
    if (can(Capability::Import, curve.public_key, curve.bits)) {
      EXPECT_THAT(provider().keys()->import(attributes_of(curve.public_key, curve.bits), point),
                  refused);
    }
    if (!can(Capability::Use, curve.pair, curve.bits, kEcdh)) continue;
    auto key = some_key(curve.pair, curve.bits);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, point), refused);
  }
}

TEST_P(ProviderConformance, SignaturesOfEveryCurveVerifyInOpenssl) {
  using Kind = psa::AsymmetricSignature::Kind;
  for (const CurveCase& curve : all_curves()) {
    for (Kind kind : {Kind::Ecdsa, Kind::DeterministicEcdsa}) {
      for (psa::Hash hash : {psa::Hash::Sha224, psa::Hash::Sha512}) {
        psa::AsymmetricSignature algorithm{kind, hash};
        if (!can(Capability::Use, curve.pair, curve.bits, algorithm)) continue;
        SCOPED_TRACE(to_string(curve.pair, curve.bits) + " " + to_string(algorithm));
        auto key = some_key(curve.pair, curve.bits);
        ASSERT_NE(key, nullptr);
        Bytes digest = oracle::digest(hash, view_of("message"));
        auto signature = provider().signer()->sign_hash(*key, algorithm, digest);
        ASSERT_THAT(signature, IsOk());
        EXPECT_EQ(signature->size(), 2 * curve.facts.scalar_size);
        EXPECT_TRUE(oracle::verifies(curve.pair, curve.bits, key->public_key, algorithm, digest,
                                     *signature));
        EXPECT_THAT(provider().signer()->verify_hash(*key, algorithm, digest, *signature), IsOk());
        EXPECT_THAT(
            provider().signer()->verify_hash(*key, algorithm, digest,
                                             with_flipped_bit(*signature, signature->size() - 1)),
            FailsWith(Status::PsaErrorInvalidSignature));
      }
    }
  }
}

// Wycheproof's r and s: 0, n, and what is the same number modulo n.
TEST_P(ProviderConformance, NumbersOutOfRangeAreNoSignature) {
  for (const CurveCase& curve : all_curves()) {
    if (!can(Capability::Use, curve.pair, curve.bits, testing::kEcdsaSha256)) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    auto key = some_key(curve.pair, curve.bits);
    ASSERT_NE(key, nullptr);
    const Bytes& order = curve.facts.order;
    std::size_t size = curve.facts.scalar_size;
    const std::vector<Bytes> numbers = {Bytes(size), one_in(size), order, oracle::plus(order, 1),
                                        Bytes(size, std::byte{0xff})};
    for (const Bytes& r : numbers)
      for (const Bytes& s : numbers) {
        Bytes signature = r;
        signature.insert(signature.end(), s.begin(), s.end());
        EXPECT_THAT(
            provider().signer()->verify_hash(*key, testing::kEcdsaSha256, counting(32), signature),
            FailsWith(Status::PsaErrorInvalidSignature));
      }
  }
}

TEST_P(ProviderConformance, EcdhOfEveryCurveIsWhatOpensslMultiplies) {
  for (const CurveCase& curve : all_curves()) {
    if (!can(Capability::Import, curve.pair, curve.bits, kEcdh)) continue;
    SCOPED_TRACE(to_string(curve.pair, curve.bits));
    Bytes scalar = fixed_key(curve.pair, curve.bits);
    auto key = some_key(curve.pair, curve.bits);
    ASSERT_NE(key, nullptr);
    Bytes peer = oracle::ec_public_point(curve.pair, curve.bits, oracle::plus(scalar, 1));
    auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, peer);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(to_hex(secret->reveal()), to_hex(oracle::ecdh(curve.pair, curve.bits, scalar, peer)));
  }
}

}  // namespace
}  // namespace strongroom::conformance
