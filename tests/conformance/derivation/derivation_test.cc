// Keys that come out of other keys.
#include <algorithm>
#include <array>
#include <bit>
#include <ranges>

#include "tests/conformance/derivation/oracle.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyDerivation::Kind;
using TypeKind = psa::KeyType::Kind;

constexpr psa::KeyDerivation kHkdf{Kind::Hkdf, psa::Hash::Sha256};
constexpr psa::KeyDerivation kPrf{Kind::Tls12Prf, psa::Hash::Sha256};
constexpr psa::KeyType kMontgomeryPair{TypeKind::EccKeyPair, psa::EccFamily::Montgomery};

DerivationInput with_info(ByteView info) {
  return {.salt = view_of("salt"), .info = info, .label = {}, .seed = {}};
}
DerivationInput input_for(const psa::KeyDerivation& algorithm) {
  if (algorithm.kind == Kind::Hkdf) return with_info(view_of("info"));
  return {.salt = {}, .info = {}, .label = view_of("master secret"), .seed = view_of("seed")};
}

// As little as libcrypto takes: of TLS 1.2 something.
DerivationInput least_for(const psa::KeyDerivation& algorithm) {
  if (algorithm.kind == Kind::Hkdf) return {};
  return {.salt = {}, .info = {}, .label = {}, .seed = view_of("s")};
}

std::vector<psa::KeyDerivation> all_derivations() {
  std::vector<psa::KeyDerivation> derivations;
  for (const psa::Algorithm& algorithm : testing::all_algorithms())
    if (const auto* derivation = std::get_if<psa::KeyDerivation>(&algorithm))
      derivations.push_back(*derivation);
  return derivations;
}

TEST_P(ProviderConformance, EveryDerivationGivesWhatLibcryptoGives) {
  int tried = 0;
  for (const psa::KeyDerivation& algorithm : all_derivations()) {
    if (!can(Capability::Use, kDerive, 256, algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(algorithm)));
    // Shorter and longer than a block of the hash.
    for (std::size_t size : {std::size_t{1}, std::size_t{32}, std::size_t{200}}) {
      const Bytes secret = counting(size);
      auto key = imported(attributes_of(kDerive, 0, algorithm), secret);
      ASSERT_NE(key, nullptr);
      for (const DerivationInput& input : {input_for(algorithm), least_for(algorithm)}) {
        auto data = derived(*key, algorithm, input, kRawData, 8 * 150);
        ASSERT_THAT(data, IsOk());
        EXPECT_EQ(to_hex(*data), to_hex(oracle::derived(algorithm, secret, input, 150)));
      }
    }
    ++tried;
  }
  if (tried == 0) GTEST_SKIP() << "no key derivation";
}

TEST_P(ProviderConformance, DerivedKeysAreTheFirstBytesOfTheOutput) {
  constexpr psa::KeyType kTypes[] = {kRawData, kHmac, kDerive, kAes, kCamellia, kChacha20};
  if (!can(Capability::Use, kDerive, 256, kHkdf)) GTEST_SKIP() << "no HKDF";
  auto secret = imported(attributes_of(kDerive, 0, kHkdf), counting(32));
  ASSERT_NE(secret, nullptr);
  const Bytes output = oracle::derived(kHkdf, counting(32), with_info({}), 100);
  for (const psa::KeyType& type : kTypes)
    for (std::uint32_t bits : {128U, 192U, 256U}) {
      if (!can(Capability::Derive, type, bits)) continue;
      auto data = derived(*secret, kHkdf, with_info({}), type, bits);
      ASSERT_THAT(data, IsOk()) << to_string(type, bits);
      EXPECT_EQ(to_hex(*data), to_hex(ByteView(output).first(bits / 8)));
    }
}

TEST_P(ProviderConformance, DerivedDesKeysHaveTheirParity) {
  auto secret_key = can(Capability::Use, kDerive, 256, kHkdf)
                        ? imported(attributes_of(kDerive, 0, kHkdf), counting(32))
                        : nullptr;
  for (std::uint32_t bits : {64U, 128U, 192U}) {
    if (secret_key == nullptr || !can(Capability::Derive, kDes, bits)) continue;
    auto data = derived(*secret_key, kHkdf, with_info({}), kDes, bits);
    ASSERT_THAT(data, IsOk());
    const Bytes output = oracle::derived(kHkdf, counting(32), with_info({}), bits / 8);
    ASSERT_EQ(data->size(), output.size());
    for (std::size_t i = 0; i < output.size(); ++i) {
      EXPECT_EQ(std::popcount(std::to_integer<unsigned>((*data)[i])) % 2, 1);
      EXPECT_EQ((*data)[i] & std::byte{0xfe}, output[i] & std::byte{0xfe});
    }
  }
}

TEST_P(ProviderConformance, DerivedMontgomeryAndEdwardsKeysAreTheOutput) {
  if (!can(Capability::Use, kDerive, 256, kHkdf)) GTEST_SKIP() << "no HKDF";
  auto secret = imported(attributes_of(kDerive, 0, kHkdf), counting(32));
  ASSERT_NE(secret, nullptr);
  const Bytes output = oracle::derived(kHkdf, counting(32), with_info({}), 57);
  for (std::uint32_t bits : {255U, 448U}) {
    const std::size_t size = bits == 255 ? 32 : 57;
    if (can(Capability::Derive, kEdwardsPair, bits)) {
      auto data = derived(*secret, kHkdf, with_info({}), kEdwardsPair, bits);
      ASSERT_THAT(data, IsOk());
      EXPECT_EQ(to_hex(*data), to_hex(ByteView(output).first(size)));
    }
    if (!can(Capability::Derive, kMontgomeryPair, bits)) continue;
    // RFC 7748 §5 fixes the bits at both ends.
    Bytes expected(output.begin(), output.begin() + (bits == 255 ? 32 : 56));
    expected.front() &= bits == 255 ? std::byte{0xf8} : std::byte{0xfc};
    expected.back() &= bits == 255 ? std::byte{0x7f} : std::byte{0xff};
    expected.back() |= bits == 255 ? std::byte{0x40} : std::byte{0x80};
    auto data = derived(*secret, kHkdf, with_info({}), kMontgomeryPair, bits);
    ASSERT_THAT(data, IsOk());
    EXPECT_EQ(to_hex(*data), to_hex(expected));
  }
}

// Of orders like that of brainpoolP256r1 a third of all candidates is too large, of secp224k1's
// half.
TEST_P(ProviderConformance, DerivedScalarsAreTheFirstCandidateBelowTheOrder) {
  if (!can(Capability::Use, kDerive, 256, kHkdf)) GTEST_SKIP() << "no HKDF";
  auto secret = imported(attributes_of(kDerive, 0, kHkdf), counting(32));
  ASSERT_NE(secret, nullptr);
  int curves = 0;
  int redrawn = 0;
  for (const auto& [type, bits] : testing::all_key_types()) {
    auto curve = oracle::curve_of(type, bits);
    if (type.kind != TypeKind::EccKeyPair || !curve || !can(Capability::Derive, type, bits))
      continue;
    SCOPED_TRACE(to_string(type, bits));
    ++curves;
    for (int round = 0; round < 8; ++round) {
      const std::string info = fmt::format("round {}", round);
      auto data = derived(*secret, kHkdf, with_info(view_of(info)), type, bits);
      ASSERT_THAT(data, IsOk());
      const Bytes output = oracle::derived(kHkdf, counting(32), with_info(view_of(info)), 255 * 32);
      int redraws = 0;
      EXPECT_EQ(to_hex(*data),
                to_hex(oracle::scalar_out_of(output, curve->order, curve->scalar_size, redraws)));
      redrawn += redraws;
    }
  }
  if (curves > 10) {
    EXPECT_GT(redrawn, 0);
  }
}

TEST_P(ProviderConformance, DerivedPairsHaveTheirPublicKey) {
  if (!can(Capability::Use, kDerive, 256, kHkdf)) GTEST_SKIP() << "no HKDF";
  if (!can(Capability::Derive, kEcPair, 256)) GTEST_SKIP() << "no P-256 out of derivations";
  auto secret = imported(attributes_of(kDerive, 0, kHkdf), counting(32));
  ASSERT_NE(secret, nullptr);
  auto made = provider().key_deriver()->derive(*secret, kHkdf, with_info({}),
                                               attributes_of(kEcPair, 256, kEcdsaSha256));
  ASSERT_THAT(made, IsOk());
  auto key = store(*std::move(made));
  EXPECT_EQ(key->attributes, attributes_of(kEcPair, 256, kEcdsaSha256));
  auto signature = provider().signer()->sign_message(*key, kEcdsaSha256, view_of("message"));
  ASSERT_THAT(signature, IsOk());
  EXPECT_TRUE(oracle::verifies(kEcPublic, 256, key->public_key, kEcdsaSha256,
                               oracle::digest(psa::Hash::Sha256, view_of("message")), *signature));
}

TEST_P(ProviderConformance, OtherInputsDeriveOtherKeys) {
  for (const psa::KeyDerivation& algorithm : {kHkdf, kPrf}) {
    if (!can(Capability::Use, kDerive, 256, algorithm)) continue;
    auto secret = imported(attributes_of(kDerive, 0, algorithm), counting(32));
    ASSERT_NE(secret, nullptr);
    const bool is_hkdf = algorithm.kind == Kind::Hkdf;
    const ByteView a = view_of("a");
    const ByteView b = view_of("b");
    std::vector<Bytes> keys;
    for (const auto& [first, second] : {std::pair(a, a), std::pair(a, b), std::pair(b, a)}) {
      const DerivationInput input =
          is_hkdf ? DerivationInput{.salt = first, .info = second, .label = {}, .seed = {}}
                  : DerivationInput{.salt = {}, .info = {}, .label = first, .seed = second};
      auto data = derived(*secret, algorithm, input, kRawData, 256);
      ASSERT_THAT(data, IsOk());
      EXPECT_EQ(std::ranges::find(keys, *data), keys.end());
      keys.push_back(*std::move(data));
    }
  }
}

TEST_P(ProviderConformance, HkdfGives255DigestsAndNoMore) {
  for (psa::Hash hash : {psa::Hash::Sha1, psa::Hash::Sha256}) {
    const psa::KeyDerivation algorithm{Kind::Hkdf, hash};
    if (!can(Capability::Use, kDerive, 256, algorithm)) continue;
    auto secret = imported(attributes_of(kDerive, 0, algorithm), counting(32));
    ASSERT_NE(secret, nullptr);
    const auto most = static_cast<std::uint32_t>(8 * 255 * psa::digest_size(hash));
    auto data = derived(*secret, algorithm, with_info({}), kRawData, most);
    ASSERT_THAT(data, IsOk());
    EXPECT_EQ(*data, oracle::derived(algorithm, counting(32), with_info({}), most / 8));
    EXPECT_THAT(derived(*secret, algorithm, with_info({}), kRawData, most + 8),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, DerivationNeedsATypeAndASizeThatCanBe) {
  if (!can(Capability::Use, kDerive, 256, kHkdf)) GTEST_SKIP() << "no HKDF";
  auto secret = imported(attributes_of(kDerive, 0, kHkdf), counting(32));
  ASSERT_NE(secret, nullptr);
  auto derive = [&](const psa::KeyType& type, std::uint32_t bits) {
    return derived(*secret, kHkdf, with_info({}), type, bits);
  };
  for (const psa::KeyType& type : {kRsaPair, kRsaPublic, kDhPair, kDhPublic})
    EXPECT_THAT(derive(type, 2048), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(derive(kEcPublic, 256), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(derive(kEdwardsPublic, 255), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(derive(kAes, 136), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(derive(kRawData, 12), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(derive(kEcPair, 255), FailsWith(Status::PsaErrorNotSupported));
  for (const psa::KeyType& type : {kAes, kRawData, kEcPair})
    EXPECT_THAT(derive(type, 0), FailsWith(Status::PsaErrorInvalidArgument));
}

// Once to see the secret and once to derive from it, and from the other side.
TEST_P(ProviderConformance, DerivationFromAnAgreementIsThatFromTheSharedSecret) {
  struct Side {
    psa::KeyType type;
    std::uint32_t bits;
    psa::RawKeyAgreement raw;
  };
  constexpr std::array kSides = {Side{kEcPair, 256, psa::RawKeyAgreement::Ecdh},
                                 Side{kEcPair, 521, psa::RawKeyAgreement::Ecdh},
                                 Side{kMontgomeryPair, 255, psa::RawKeyAgreement::Ecdh},
                                 Side{kMontgomeryPair, 448, psa::RawKeyAgreement::Ecdh},
                                 Side{kDhPair, 2048, psa::RawKeyAgreement::Ffdh}};
  for (const auto& [type, bits, raw] : kSides)
    for (const psa::KeyDerivation& derivation : {kHkdf, kPrf}) {
      const psa::KeyAgreement deriving{raw, derivation};
      if (!can(Capability::Use, type, bits, deriving)) continue;
      SCOPED_TRACE(to_string(type, bits));
      auto revealing = imported(attributes_of(type, bits, psa::KeyAgreement{raw, std::nullopt}),
                                fixed_key(type, bits));
      auto ours = imported(attributes_of(type, bits, deriving), fixed_key(type, bits));
      auto generated = provider().keys()->generate(attributes_of(type, bits, deriving), {});
      ASSERT_TRUE(revealing && ours && generated);
      auto theirs = store(*std::move(generated));
      auto secret = provider().key_agreer()->agree(*revealing, raw, theirs->public_key);
      ASSERT_THAT(secret, IsOk());
      const DerivationInput input = input_for(derivation);
      const Bytes expected = oracle::derived(derivation, secret->reveal(), input, 48);
      auto agreed = [&](const KeyRecord& key, ByteView peer) {
        return data_of(provider().key_deriver()->agree_and_derive(key, deriving, peer, input,
                                                                  attributes_of(kRawData, 8 * 48)));
      };
      EXPECT_THAT(agreed(*ours, theirs->public_key), IsOkAndHolds(expected));
      EXPECT_THAT(agreed(*theirs, ours->public_key), IsOkAndHolds(expected));
    }
}

TEST_P(ProviderConformance, DerivationFromAnAgreementRefusesBadPeers) {
  const psa::KeyAgreement deriving{psa::RawKeyAgreement::Ecdh, kHkdf};
  auto agree = [&](const KeyRecord& key, ByteView peer) {
    return data_of(provider().key_deriver()->agree_and_derive(key, deriving, peer, with_info({}),
                                                              attributes_of(kRawData, 256)));
  };
  if (can(Capability::Use, kEcPair, 256, deriving)) {
    auto key = imported(attributes_of(kEcPair, 256, deriving), fixed_key(kEcPair, 256));
    ASSERT_NE(key, nullptr);
    const Bytes& peer = ec_test_key(256).peer;
    for (const Bytes& bad : {Bytes(), Bytes(65), with_flipped_bit(peer, 64),
                             copy_of(ByteView(peer).first(64)), ec_test_key(384).peer})
      EXPECT_THAT(agree(*key, bad), FailsWith(Status::PsaErrorInvalidArgument));
  }
  if (can(Capability::Use, kMontgomeryPair, 255, deriving)) {
    auto key =
        imported(attributes_of(kMontgomeryPair, 255, deriving), fixed_key(kMontgomeryPair, 255));
    ASSERT_NE(key, nullptr);
    // RFC 7748 §6.1: a point of a small order gives zeros.
    for (const Bytes& bad : {Bytes(), Bytes(32), Bytes(31), Bytes(33)})
      EXPECT_THAT(agree(*key, bad), FailsWith(Status::PsaErrorInvalidArgument));
  }
}

}  // namespace
}  // namespace strongroom::conformance
