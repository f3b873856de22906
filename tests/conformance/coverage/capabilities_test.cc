// What CanDoCrypto says is what happens: every key type, size, algorithm and usage flag of the
// contract is asked about and then tried. docs/coverage.md is written from what is found here.
#include <algorithm>

#include "tests/conformance/coverage/combinations.h"
#include "tests/conformance/coverage/record.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using testing::all_key_types;

std::string named(const psa::KeyAttributes& attributes) {
  return to_string(attributes.type, attributes.bits) + " " + to_string(attributes.algorithm);
}

Extent extent_of(const ProviderUnderTest& provider) {
  if (provider.way == Way::Direct) return Extent::All;
  return provider.allows_deprecated ? Extent::DeprecatedBehindPolicy : Extent::BehindPolicy;
}

// PSA Crypto API 1.1, psa_set_key_usage_flags: permission to use hashes is permission to use
// messages. Keys of the service have their flags so; a provider is given them as they are.
psa::UsageFlags in_force(Way way, psa::UsageFlags usage) {
  usage.sign_message |= way == Way::Socket && usage.sign_hash;
  usage.verify_message |= way == Way::Socket && usage.verify_hash;
  return usage;
}

TEST_P(ProviderConformance, UsesAreSupportedExactlyWhenTheyWork) {
  const auto keys = keys_to_try(extent_of(GetParam()));
  const auto flags = flags_to_try(extent_of(GetParam()));
  std::vector<KeyRecordPtr> records;
  for (const KeyToTry& row : keys)
    records.push_back(some_key(row.key.type, row.key.bits));
  in_parallel(keys.size(), [&](std::size_t at) {
    const auto& [type, bits] = keys[at].key;
    for (const psa::Algorithm& algorithm : keys[at].algorithms) {
      for (const psa::UsageFlags& usage : flags) {
        psa::KeyAttributes attributes{type, bits, usage, algorithm};
        bool is_served =
            records[at] && works(provider(), *records[at], in_force(way(), usage), algorithm);
        auto answer = provider().supports(Capability::Use, attributes);
        // A busy machine may be too slow for a slow device once.
        for (int attempt = 0; answer && records[at] && !is_served && attempt < 3; ++attempt)
          is_served = works(provider(), *records[at], in_force(way(), usage), algorithm);
        EXPECT_EQ(answer.has_value(), is_served) << named(attributes);
        if (!answer) {
          EXPECT_EQ(answer.error().status(), Status::PsaErrorNotSupported);
        }
        record_use(GetParam(), attributes, is_served);
      }
    }
  });
}

// Upon the provider generation is asked to stop at once: what is made at all then answers that it
// was stopped. Behind the socket it has to be done.
TEST_P(ProviderConformance, GenerationIsSupportedExactlyWhenItWorks) {
  if (provider().keys() == nullptr) GTEST_SKIP() << "no key manager";
  std::stop_source stop;
  stop.request_stop();
  for (const auto& [type, bits] : all_key_types()) {
    // Takes long, and allow_deprecated cannot change it.
    if (way() == Way::Socket && GetParam().allows_deprecated && type.is_rsa() && bits > 2048)
      continue;
    psa::KeyAttributes attributes = attributes_of(type, bits);
    auto made = provider().keys()->generate(attributes, stop.get_token());
    bool is_made = made || made.error().status() == Status::PsaErrorGenericError;
    if (made) store(*std::move(made));
    EXPECT_EQ(provider().supports(Capability::Generate, attributes).has_value(), is_made)
        << named(attributes);
    record_key(GetParam(), Capability::Generate, attributes, is_made);
  }
}

TEST_P(ProviderConformance, ImportIsSupportedExactlyWhenItWorks) {
  if (provider().keys() == nullptr) GTEST_SKIP() << "no key manager";
  for (const auto& [type, bits] : all_key_types()) {
    psa::KeyAttributes attributes = attributes_of(type, bits);
    Bytes data = fixed_key(type, bits);
    if (data.empty()) data.resize((bits + 7) / 8, std::byte{1});
    auto made = provider().keys()->import(attributes, data);
    EXPECT_EQ(provider().supports(Capability::Import, attributes).has_value(), made.has_value())
        << named(attributes);
    record_key(GetParam(), Capability::Import, attributes, made.has_value());
    if (made) store(*std::move(made));
  }
}

TEST_P(ProviderConformance, HashesAreComputedOrNotSupported) {
  if (provider().hasher() == nullptr) GTEST_SKIP() << "no hasher";
  for (const psa::Algorithm& algorithm : testing::all_algorithms()) {
    const auto* hash = std::get_if<psa::Hash>(&algorithm);
    if (hash == nullptr) continue;
    auto computed = provider().hasher()->compute(*hash, view_of("message"));
    record_hash(GetParam(), *hash, computed.has_value());
    if (computed) {
      EXPECT_EQ(computed->size(), psa::digest_size(*hash));
    } else {
      EXPECT_THAT(computed, FailsWith(Status::PsaErrorNotSupported)) << to_string(*hash);
    }
  }
}

TEST_P(ProviderConformance, DerivationIsSupportedExactlyWhenItWorks) {
  const psa::KeyDerivation hkdf{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha512};
  const psa::KeyType derive{psa::KeyType::Kind::Derive, std::nullopt};
  KeyRecordPtr secret;
  if (can(Capability::Use, derive, 256, hkdf))
    secret = imported(attributes_of(derive, 0, hkdf), counting(32));
  for (const auto& [type, bits] : all_key_types()) {
    psa::KeyAttributes attributes = attributes_of(type, bits);
    bool is_made = false;
    if (secret) {
      auto made = provider().key_deriver()->derive(*secret, hkdf, {}, attributes);
      is_made = made.has_value();
      if (made) store(*std::move(made));
    }
    record_key(GetParam(), Capability::Derive, attributes, is_made);
    EXPECT_EQ(provider().supports(Capability::Derive, attributes).has_value(), is_made)
        << named(attributes);
  }
}

TEST_P(ProviderConformance, GenerationForAnAlgorithmNeedsAUseOfIt) {
  if (way() == Way::Socket && !GetParam().allows_deprecated)
    GTEST_SKIP() << "the service refuses to generate what is deprecated besides";
  for (const auto& [key, algorithms] : keys_to_try(extent_of(GetParam()))) {
    const auto& [type, bits] = key;
    bool generates = can(Capability::Generate, type, bits);
    bool imports = can(Capability::Import, type, bits);
    bool derives = can(Capability::Derive, type, bits);
    for (const psa::Algorithm& algorithm : algorithms) {
      if (std::holds_alternative<psa::NoAlgorithm>(algorithm)) continue;
      bool uses = can(Capability::Use, type, bits, algorithm);
      EXPECT_EQ(can(Capability::Generate, type, bits, algorithm), generates && uses);
      EXPECT_EQ(can(Capability::Import, type, bits, algorithm), imports && uses);
      EXPECT_EQ(can(Capability::Derive, type, bits, algorithm), derives && uses);
    }
  }
}

TEST_P(ProviderConformance, NoSizeStandsForAnySize) {
  const auto keys = keys_to_try(extent_of(GetParam()));
  for (auto first = keys.begin(); first != keys.end();) {
    const psa::KeyType& type = first->key.type;
    auto last =
        std::find_if(first, keys.end(), [&](const KeyToTry& row) { return row.key.type != type; });
    for (Capability capability :
         {Capability::Use, Capability::Generate, Capability::Import, Capability::Derive}) {
      for (const psa::Algorithm& algorithm : first->algorithms) {
        bool works_with_some_size = std::any_of(first, last, [&](const KeyToTry& row) {
          return can(capability, type, row.key.bits, algorithm);
        });
        EXPECT_EQ(can(capability, type, 0, algorithm), works_with_some_size)
            << to_string(type, 0) << " " << to_string(algorithm);
      }
    }
    first = last;
  }
}

}  // namespace
}  // namespace strongroom::conformance
