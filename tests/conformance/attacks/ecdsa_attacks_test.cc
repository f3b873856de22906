// ECDSA signatures as attackers send them. The names are those of FIPS 186-5 §6.4.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;
using enum psa::EccFamily;

struct CurveUnderAttack {
  psa::EccFamily family;
  std::uint32_t bits;
};
constexpr std::array kCurves = {
    CurveUnderAttack{SecpR1, 256}, CurveUnderAttack{SecpR1, 384},
    CurveUnderAttack{SecpR1, 521}, CurveUnderAttack{SecpK1, 224},
    CurveUnderAttack{SecpK1, 256}, CurveUnderAttack{SecpR2, 160},
    CurveUnderAttack{SectK1, 233}, CurveUnderAttack{BrainpoolPR1, 256},
    CurveUnderAttack{SectR1, 283},
};

constexpr psa::AsymmetricSignature kEcdsaAny{psa::AsymmetricSignature::Kind::EcdsaAny, {}};

// A key of which the attacks need to know everything.
struct Attack {
  psa::KeyType pair;
  psa::KeyType public_key;
  std::uint32_t bits;
  Bytes order;
  std::size_t size;

  explicit Attack(const CurveUnderAttack& curve)
      : pair{psa::KeyType::Kind::EccKeyPair, curve.family},
        public_key{psa::KeyType::Kind::EccPublicKey, curve.family},
        bits(curve.bits) {
    auto facts = oracle::curve_of(pair, bits);
    if (!facts) return;
    order = facts->order;
    size = facts->scalar_size;
  }

  // A small number, as long as the order.
  Bytes scalar(std::uint8_t value) const {
    Bytes bytes(size);
    bytes.back() = std::byte{value};
    return bytes;
  }
  Bytes point(ByteView scalar) const { return oracle::ec_public_point(pair, bits, scalar); }
  // x coordinate of k·G modulo n.
  Bytes r_of(ByteView k) const {
    Bytes x = copy_of(ByteView(point(k)).subspan(1, (bits + 7) / 8));
    Bytes wide = joined({Bytes(size + 1 - x.size()), x});
    Bytes one(size + 1);
    one.back() = std::byte{1};
    Bytes reduced = product_of(wide, one, order);
    return copy_of(ByteView(reduced).last(size));
  }
  // s = (e + r·d) / k.
  Bytes s_of(ByteView k, ByteView e, ByteView r, ByteView d) const {
    Bytes sum = wide_sum(e, product_of(r, d, order));
    return product_of(sum, inverse_of(k, order), order);
  }

 private:
  Bytes wide_sum(ByteView a, ByteView b) const {
    Bytes one(size + 1);
    one.back() = std::byte{1};
    Bytes sum = sum_of(joined({Bytes(1), a}), joined({Bytes(1), b}));
    return copy_of(ByteView(product_of(sum, one, order)).last(size));
  }
};

TEST_P(ProviderConformance, EcdsaNumbersHaveOneEncoding) {
  for (const auto& curve : kCurves) {
    Attack attack(curve);
    if (!can(Capability::Import, attack.pair, attack.bits, kEcdsaSha256)) continue;
    SCOPED_TRACE(to_string(attack.pair, attack.bits));
    auto key = imported(attributes_of(attack.pair, attack.bits, kEcdsaSha256),
                        fixed_key(attack.pair, attack.bits));
    ASSERT_NE(key, nullptr);
    Bytes hash = counting(32);
    auto made = provider().signer()->sign_hash(*key, kEcdsaSha256, hash);
    ASSERT_THAT(made, IsOk());
    ByteView r = ByteView(*made).first(attack.size);
    ByteView s = ByteView(*made).last(attack.size);
    auto verify = [&](std::initializer_list<ByteView> parts) {
      return provider().signer()->verify_hash(*key, kEcdsaSha256, hash, joined(parts));
    };
    ASSERT_THAT(verify({r, s}), IsOk());
    // FIPS 186-5 has n - s verify, too: who needs one signature for each message has to see to it.
    Bytes other_s = difference_of(attack.order, s);
    EXPECT_THAT(verify({r, other_s}), IsOk());

    auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
    EXPECT_THAT(verify({s, r}), invalid);
    EXPECT_THAT(verify({difference_of(attack.order, r), s}), invalid);
    EXPECT_THAT(verify({r, r}), invalid);
    EXPECT_THAT(verify({Bytes(attack.size), s}), invalid);
    EXPECT_THAT(verify({r, Bytes(attack.size)}), invalid);
    EXPECT_THAT(verify({attack.order, s}), invalid);
    EXPECT_THAT(verify({r, attack.order}), invalid);
    // The same numbers modulo n, where there is room for them, and modulo the bytes.
    EXPECT_THAT(verify({sum_of(r, attack.order), s}), invalid);
    EXPECT_THAT(verify({r, sum_of(s, attack.order)}), invalid);
    EXPECT_THAT(verify({difference_of(r, attack.order), s}), invalid);
    EXPECT_THAT(verify({r, difference_of(s, attack.order)}), invalid);
    // Other widths, and the DER that others send.
    EXPECT_THAT(verify({Bytes(1), r, Bytes(1), s}), invalid);
    EXPECT_THAT(verify({r, s, Bytes(1)}), invalid);
    EXPECT_THAT(verify({r, s, r, s}), invalid);
    EXPECT_THAT(verify({r.subspan(1), s.subspan(1)}), invalid);
    EXPECT_THAT(verify({r, s.subspan(1)}), invalid);
    EXPECT_THAT(verify({r}), invalid);
    EXPECT_THAT(verify({}), invalid);
    EXPECT_THAT(verify({der_sequence(joined({der_integer(r), der_integer(s)}))}), invalid);
  }
}

// A hash of zero lets anybody make a signature: r = s = x(Q). That is ECDSA's own; a provider
// calls it valid, and who hashes gets no such hash.
TEST_P(ProviderConformance, EcdsaOverAHashOfZeroIsWhatItIs) {
  for (const auto& curve : kCurves) {
    Attack attack(curve);
    if (!can(Capability::Import, attack.pair, attack.bits, kEcdsaAny)) continue;
    SCOPED_TRACE(to_string(attack.pair, attack.bits));
    auto key = imported(attributes_of(attack.pair, attack.bits, kEcdsaAny),
                        fixed_key(attack.pair, attack.bits));
    ASSERT_NE(key, nullptr);
    Bytes zero(32);
    auto made = provider().signer()->sign_hash(*key, kEcdsaAny, zero);
    ASSERT_THAT(made, IsOk());
    EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaAny, zero, *made), IsOk());
    Bytes r = attack.r_of(fixed_key(attack.pair, attack.bits));
    EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaAny, zero, joined({r, r})), IsOk());
    Bytes other = counting(32);
    EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaAny, other, joined({r, r})),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
}

// u1·G + u2·Q where the two are equal, and where they are opposite: the sum is a doubling, and the
// point at infinity.
TEST_P(ProviderConformance, EcdsaSumsOfSpecialPointsAreRight) {
  for (const auto& curve : kCurves) {
    Attack attack(curve);
    if (!can(Capability::Import, attack.public_key, attack.bits, kEcdsaAny)) continue;
    // A hash as long as the order is that number.
    if (attack.bits % 8 != 0 || attack.size * 8 != attack.bits) continue;
    SCOPED_TRACE(to_string(attack.pair, attack.bits));
    Bytes d = attack.scalar(7);
    auto key = imported(attributes_of(attack.public_key, attack.bits, kEcdsaAny), attack.point(d));
    ASSERT_NE(key, nullptr);
    Bytes k = attack.scalar(5);
    Bytes r = attack.r_of(k);
    Bytes doubling = product_of(r, d, attack.order);
    Bytes opposite = difference_of(attack.order, doubling);
    auto verify = [&](ByteView hash, ByteView s) {
      return provider().signer()->verify_hash(*key, kEcdsaAny, hash, joined({r, s}));
    };
    EXPECT_THAT(verify(doubling, attack.s_of(k, doubling, r, d)), IsOk());
    for (const Bytes& s : {attack.scalar(1), k, r, oracle::plus(attack.order, -1)})
      EXPECT_THAT(verify(opposite, s), FailsWith(Status::PsaErrorInvalidSignature));
  }
}

// Public keys that attackers like: the generator, its double, their opposites.
TEST_P(ProviderConformance, EcdsaWithSpecialKeysVerifiesWhatTheySigned) {
  for (const auto& curve : kCurves) {
    Attack attack(curve);
    if (!can(Capability::Import, attack.public_key, attack.bits, kEcdsaSha256)) continue;
    if (attack.bits % 8 != 0 || attack.size * 8 != attack.bits || attack.bits < 256) continue;
    SCOPED_TRACE(to_string(attack.pair, attack.bits));
    for (const Bytes& d : {attack.scalar(1), attack.scalar(2), oracle::plus(attack.order, -1),
                           oracle::plus(attack.order, -2)}) {
      auto key =
          imported(attributes_of(attack.public_key, attack.bits, kEcdsaSha256), attack.point(d));
      ASSERT_NE(key, nullptr);
      Bytes hash = counting(32);
      Bytes e = joined({Bytes(attack.size - 32), hash});
      for (const Bytes& k : {attack.scalar(1), attack.scalar(9), oracle::plus(attack.order, -1)}) {
        Bytes r = attack.r_of(k);
        Bytes s = attack.s_of(k, e, r, d);
        EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaSha256, hash, joined({r, s})),
                    IsOk());
        EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaSha256, hash,
                                                     joined({r, oracle::plus(s, 1)})),
                    FailsWith(Status::PsaErrorInvalidSignature));
      }
    }
  }
}

// A signature is of one key and one curve.
TEST_P(ProviderConformance, EcdsaSignaturesAreOfTheirCurveAlone) {
  const std::vector<psa::KeyType> pairs = {{psa::KeyType::Kind::EccKeyPair, SecpR1},
                                           {psa::KeyType::Kind::EccKeyPair, SecpK1},
                                           {psa::KeyType::Kind::EccKeyPair, BrainpoolPR1}};
  std::vector<KeyRecordPtr> keys;
  for (const psa::KeyType& type : pairs)
    if (can(Capability::Import, type, 256, kEcdsaSha256))
      keys.push_back(imported(attributes_of(type, 256, kEcdsaSha256), fixed_key(type, 256)));
  Bytes hash = counting(32);
  for (const KeyRecordPtr& signer : keys) {
    auto signature = provider().signer()->sign_hash(*signer, kEcdsaSha256, hash);
    ASSERT_THAT(signature, IsOk());
    for (const KeyRecordPtr& verifier : keys) {
      auto verified = provider().signer()->verify_hash(*verifier, kEcdsaSha256, hash, *signature);
      if (signer == verifier)
        EXPECT_THAT(verified, IsOk());
      else
        EXPECT_THAT(verified, FailsWith(Status::PsaErrorInvalidSignature));
    }
  }
}

}  // namespace
}  // namespace strongroom::conformance
