// Keys on Edwards curves, and what is no signature of theirs.
#include <array>
#include <string_view>

#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

constexpr std::array kSizes = {255U, 448U};

constexpr std::size_t key_size(std::uint32_t bits) {
  return bits == 255 ? 32 : 57;
}

// The order L of the base point, RFC 8032 §5.1 and §5.2, little-endian and as long as S.
Bytes order(std::uint32_t bits) {
  if (bits == 255)
    return from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  return from_hex(
      "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7cffffffffffffffffffffffffffffffffffff"
      "ffffffffffffffffff3f00");
}

// Adds `addend` to the last bytes of `number`, both little-endian.
void add_to_tail(Bytes& number, ByteView addend) {
  MutableByteView tail = MutableByteView(number).last(addend.size());
  unsigned carry = 0;
  for (std::size_t i = 0; i < addend.size(); ++i) {
    carry += std::to_integer<unsigned>(tail[i]) + std::to_integer<unsigned>(addend[i]);
    tail[i] = static_cast<std::byte>(carry & 0xff);
    carry >>= 8;
  }
}

psa::KeyAttributes pair(std::uint32_t bits) {
  return attributes_of(kEdwardsPair, bits, kEddsa);
}
psa::KeyAttributes public_key(std::uint32_t bits) {
  return attributes_of(kEdwardsPublic, bits, kEddsa);
}

TEST_P(ProviderConformance, EdwardsKeysAreExportedByteForByte) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Import, kEdwardsPair, bits)) continue;
    const EdwardsTestKey test = edwards_test_key(bits);
    for (std::uint32_t asked : {bits, 0U}) {
      auto key = imported(pair(asked), test.secret);
      ASSERT_NE(key, nullptr);
      EXPECT_EQ(key->attributes.bits, bits);
      EXPECT_EQ(to_hex(key->public_key), to_hex(test.point));
      auto exported = provider().keys()->export_key(*key);
      ASSERT_THAT(exported, IsOk());
      EXPECT_EQ(to_hex(exported->reveal()), to_hex(test.secret));
      auto other = imported(public_key(asked), test.point);
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(other->attributes.bits, bits);
      EXPECT_EQ(to_hex(other->public_key), to_hex(test.point));
    }
  }
}

TEST_P(ProviderConformance, GeneratedEdwardsKeysSignAndDiffer) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Generate, kEdwardsPair, bits, kEddsa)) continue;
    auto made = provider().keys()->generate(pair(bits), {});
    auto other = provider().keys()->generate(pair(bits), {});
    ASSERT_THAT(made, IsOk());
    ASSERT_THAT(other, IsOk());
    EXPECT_NE(made->public_key, other->public_key);
    EXPECT_EQ(made->public_key.size(), key_size(bits));
    auto key = store(*std::move(made));
    auto stranger = store(*std::move(other));
    auto signature = provider().signer()->sign_message(*key, kEddsa, view_of("message"));
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(signature->size(), 2 * key_size(bits));
    auto verify = [&](const KeyRecord& with, std::string_view message) {
      return provider().signer()->verify_message(with, kEddsa, view_of(message), *signature);
    };
    EXPECT_THAT(verify(*key, "message"), IsOk());
    EXPECT_THAT(verify(*key, "massage"), FailsWith(Status::PsaErrorInvalidSignature));
    EXPECT_THAT(verify(*stranger, "message"), FailsWith(Status::PsaErrorInvalidSignature));
  }
}

TEST_P(ProviderConformance, EdwardsKeysOfAnotherLengthAreRefused) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Import, kEdwardsPair, bits)) continue;
    const std::size_t right = key_size(bits);
    const std::size_t of_other_curve = key_size(bits == 255 ? 448 : 255);
    for (std::size_t size : {std::size_t{0}, right - 1, right + 1, 2 * right, of_other_curve})
      for (const auto& attributes : {pair(bits), public_key(bits)})
        EXPECT_THAT(provider().keys()->import(attributes, Bytes(size, std::byte{3})),
                    FailsWith(Status::PsaErrorInvalidArgument))
            << size;
  }
}

struct BadPoint {
  std::uint32_t bits;
  std::string_view why;
  std::string_view hex;
};
constexpr std::array kBadPoints = {
    // RFC 8032 §5.1.3 step 1 and §5.2.3 step 1: y is not below p.
    BadPoint{255, "p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    BadPoint{255, "p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    BadPoint{255, "p + 3", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    BadPoint{255, "p + 4", "f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    BadPoint{255, "all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    BadPoint{448, "p",
             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
             "feffffffffffffffffffffffffffffffffffffffffffffffffffffff00"},
    BadPoint{448, "p + 1",
             "00000000000000000000000000000000000000000000000000000000"
             "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff00"},
    BadPoint{448, "a bit between y and the sign",
             "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d"
             "80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256181"},
    // Step 3: no x belongs to y.
    BadPoint{255, "2", "0200000000000000000000000000000000000000000000000000000000000000"},
    BadPoint{448, "6",
             "06000000000000000000000000000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000000"},
    // Step 4: x = 0 has no sign.
    BadPoint{255, "-0, 1", "0100000000000000000000000000000000000000000000000000000000000080"},
    BadPoint{448, "-0, 1",
             "01000000000000000000000000000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000080"},
    // Decodable, but of order 1, 2, 4 or 8: signatures for them can be made without a key.
    BadPoint{255, "order 1", "0100000000000000000000000000000000000000000000000000000000000000"},
    BadPoint{255, "order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    BadPoint{255, "order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
    BadPoint{255, "order 4", "0000000000000000000000000000000000000000000000000000000000000080"},
    BadPoint{255, "order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
    BadPoint{255, "order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"},
    BadPoint{255, "order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
    BadPoint{255, "order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"},
    BadPoint{448, "order 1",
             "01000000000000000000000000000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000000"},
    BadPoint{448, "order 2",
             "feffffffffffffffffffffffffffffffffffffffffffffffffffffff"
             "feffffffffffffffffffffffffffffffffffffffffffffffffffffff00"},
    BadPoint{448, "order 4",
             "00000000000000000000000000000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000000"},
    BadPoint{448, "order 4",
             "00000000000000000000000000000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000080"},
};

TEST_P(ProviderConformance, BytesThatAreNoPointOrOneOfASmallOrderAreNoEdwardsKey) {
  for (const BadPoint& bad : kBadPoints) {
    if (!can(Capability::Import, kEdwardsPublic, bad.bits)) continue;
    EXPECT_THAT(provider().keys()->import(public_key(bad.bits), from_hex(bad.hex)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << bad.bits << " " << bad.why;
  }
}

// About half of all y belong to a point: what is refused is not refused for another reason.
TEST_P(ProviderConformance, ManyPointsAreEdwardsKeys) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Import, kEdwardsPublic, bits)) continue;
    int taken = 0;
    for (int y = 2; y < 66; ++y) {
      Bytes point(key_size(bits));
      point[0] = static_cast<std::byte>(y);
      auto made = provider().keys()->import(public_key(bits), point);
      if (!made) continue;
      store(*std::move(made));
      ++taken;
    }
    EXPECT_GT(taken, 16);
    EXPECT_LT(taken, 48);
  }
}

TEST_P(ProviderConformance, AlteredEddsaSignaturesAreRefused) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Use, kEdwardsPair, bits, kEddsa)) continue;
    SCOPED_TRACE(bits);
    auto key = imported(pair(bits), edwards_test_key(bits).secret);
    ASSERT_NE(key, nullptr);
    auto signature = provider().signer()->sign_message(*key, kEddsa, view_of("message"));
    ASSERT_THAT(signature, IsOk());
    auto verify = [&](const Bytes& claimed) {
      return provider().signer()->verify_message(*key, kEddsa, view_of("message"), claimed);
    };
    for (std::size_t at = 0; at < signature->size(); ++at)
      EXPECT_THAT(verify(with_flipped_bit(*signature, at)),
                  FailsWith(Status::PsaErrorInvalidSignature));
    Bytes longer = *signature;
    longer.push_back(std::byte{0});
    Bytes shorter = *signature;
    shorter.pop_back();
    const Bytes half(signature->begin(), signature->begin() + 32);
    for (const Bytes& other : {Bytes(), half, shorter, longer, Bytes(signature->size())})
      EXPECT_THAT(verify(other), FailsWith(Status::PsaErrorInvalidSignature)) << other.size();
  }
}

// RFC 8032 §5.1.7 and §5.2.7 step 1, §8.4: S + L would do as well as S.
TEST_P(ProviderConformance, EddsaSignaturesAreNotMalleable) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Use, kEdwardsPair, bits, kEddsa)) continue;
    auto key = imported(pair(bits), edwards_test_key(bits).secret);
    ASSERT_NE(key, nullptr);
    auto signature = provider().signer()->sign_message(*key, kEddsa, view_of("message"));
    ASSERT_THAT(signature, IsOk());
    Bytes other = *signature;
    for (int times = 1; times <= 3; ++times) {
      add_to_tail(other, order(bits));
      EXPECT_THAT(provider().signer()->verify_message(*key, kEddsa, view_of("message"), other),
                  FailsWith(Status::PsaErrorInvalidSignature))
          << bits << " " << times;
    }
  }
}

TEST_P(ProviderConformance, EdwardsKeysSignNoHashesAgreeOnNothingAndMakeNoEcdsa) {
  for (std::uint32_t bits : kSizes) {
    if (!can(Capability::Import, kEdwardsPair, bits)) continue;
    psa::KeyAttributes hashes = pair(bits);
    hashes.usage = {.sign_hash = true, .verify_hash = true};
    // In a service the flags for hashes include those for messages.
    EXPECT_EQ(provider().supports(Capability::Use, hashes).has_value(), way() == Way::Socket);
    hashes.usage.sign_message = true;
    EXPECT_THAT(provider().supports(Capability::Use, hashes), IsOk());
    auto key = some_key(kEdwardsPair, bits);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().signer()->sign_hash(*key, kEddsa, Bytes(32)),
                FailsWith(refusal(Status::PsaErrorInvalidArgument, Status::PsaErrorNotPermitted)));
    EXPECT_THAT(
        provider().signer()->verify_hash(*key, kEddsa, Bytes(32), Bytes(2 * key_size(bits))),
        FailsWith(refusal(Status::PsaErrorInvalidArgument, Status::PsaErrorNotPermitted)));
    const psa::KeyAgreement ecdh{psa::RawKeyAgreement::Ecdh, std::nullopt};
    EXPECT_FALSE(can(Capability::Use, kEdwardsPair, bits, ecdh));
    EXPECT_FALSE(can(Capability::Use, kEdwardsPair, bits, kEcdsaSha256));
    EXPECT_FALSE(can(Capability::Use, kEcPair, 256, kEddsa));
  }
}

}  // namespace
}  // namespace strongroom::conformance
