#include <algorithm>
#include <ranges>

#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};

// RFC 5903 §8.1 to §8.3.
TEST_P(ProviderConformance, EcdhGivesThePublishedResults) {
  for (const EcTestKey& test : ec_test_keys()) {
    if (!can(Capability::Import, kEcPair, test.bits, kEcdh)) continue;
    SCOPED_TRACE(test.bits);
    auto key = imported(attributes_of(kEcPair, test.bits), test.scalar);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(to_hex(key->public_key), to_hex(test.point));
    auto secret = provider().key_agreer()->agree(*key, psa::RawKeyAgreement::Ecdh, test.peer);
    ASSERT_THAT(secret, IsOk());
    EXPECT_EQ(to_hex(secret->reveal()), to_hex(test.shared));
  }
}

TEST_P(ProviderConformance, BothSidesOfEcdhAgree) {
  for (std::uint32_t bits : {256U, 384U, 521U}) {
    if (!can(Capability::Generate, kEcPair, bits, kEcdh)) continue;
    for (int round = 0; round < 20; ++round) {
      auto generate = [&] {
        auto key = provider().keys()->generate(attributes_of(kEcPair, bits, kEcdh), {});
        return key ? store(*std::move(key)) : nullptr;
      };
      auto ours = generate();
      auto theirs = generate();
      ASSERT_TRUE(ours && theirs);
      auto one = provider().key_agreer()->agree(*ours, kEcdh.raw, theirs->public_key);
      auto other = provider().key_agreer()->agree(*theirs, kEcdh.raw, ours->public_key);
      ASSERT_THAT(one, IsOk());
      ASSERT_THAT(other, IsOk());
      EXPECT_EQ(one->size(), (bits + 7) / 8);
      EXPECT_TRUE(*one == *other);
    }
  }
}

TEST_P(ProviderConformance, InvalidPeersAreRefused) {
  for (const EcTestKey& test : ec_test_keys()) {
    if (!can(Capability::Use, kEcPair, test.bits, kEcdh)) continue;
    SCOPED_TRACE(test.bits);
    auto key = some_key(kEcPair, test.bits);
    ASSERT_NE(key, nullptr);
    Bytes off_curve = with_flipped_bit(test.peer, test.peer.size() - 1);
    Bytes beyond_field = test.peer;
    std::ranges::fill(beyond_field | std::views::drop(1), std::byte{0xff});
    Bytes hybrid = test.peer;
    hybrid[0] = (hybrid.back() & std::byte{1}) | std::byte{6};
    Bytes compressed(test.peer.begin(),
                     test.peer.begin() + static_cast<std::ptrdiff_t>(1 + test.scalar.size()));
    compressed[0] = (test.peer.back() & std::byte{1}) | std::byte{2};
    Bytes longer = test.peer;
    longer.push_back(std::byte{0});
    const Bytes& other_curve = ec_test_key(test.bits == 256 ? 384 : 256).peer;
    Bytes zero(test.peer.size());
    zero[0] = std::byte{4};
    for (const Bytes& bad : {off_curve, beyond_field, hybrid, compressed, longer, other_curve, zero,
                             Bytes(1), Bytes()})
      EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, bad),
                  FailsWith(Status::PsaErrorInvalidArgument));
  }
}

}  // namespace
}  // namespace strongroom::conformance
