#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "protocol/psa_codec.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

using Contract = psa_key_attributes::KeyAttributes;
using Kind = psa::KeyType::Kind;

const psa::KeyAttributes kAttributes = {
    .type = {.kind = Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1},
    .bits = 256,
    .usage = {.sign_hash = true, .verify_hash = true},
    .algorithm = psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::Ecdsa, psa::Hash::Sha256},
};

Result<psa::KeyAttributes> sent_and_received(const psa::KeyAttributes& attributes) {
  Contract received;
  EXPECT_TRUE(received.ParseFromString(encode(attributes).SerializeAsString()));
  return decode(received);
}

TEST(KeyCodec, ReturnsEveryKeyTypeUnchanged) {
  psa::KeyAttributes attributes = kAttributes;
  for (int kind = 1; kind <= static_cast<int>(Kind::DhPublicKey); ++kind) {
    attributes.type = {.kind = static_cast<Kind>(kind)};
    if (attributes.type.is_ecc()) continue;
    EXPECT_THAT(sent_and_received(attributes), IsOkAndHolds(attributes)) << kind;
  }
  for (int family = 1; family <= static_cast<int>(psa::EccFamily::TwistedEdwards); ++family) {
    for (Kind kind : {Kind::EccKeyPair, Kind::EccPublicKey}) {
      attributes.type = {.kind = kind, .curve_family = static_cast<psa::EccFamily>(family)};
      EXPECT_THAT(sent_and_received(attributes), IsOkAndHolds(attributes)) << family;
    }
  }
}

TEST(KeyCodec, NumbersKeyTypesAsTheContractDoes) {
  for (int kind = 1; kind <= static_cast<int>(Kind::DhPublicKey); ++kind) {
    psa::KeyType type = {.kind = static_cast<Kind>(kind)};
    EXPECT_EQ(encode(type).variant_case(), kind);
  }
}

TEST(KeyCodec, ReturnsEveryUsageFlagUnchanged) {
  using Flags = psa::UsageFlags;
  psa::KeyAttributes attributes = kAttributes;
  for (bool Flags::* flag :
       {&Flags::may_export, &Flags::copy, &Flags::cache, &Flags::encrypt, &Flags::decrypt,
        &Flags::sign_message, &Flags::verify_message, &Flags::sign_hash, &Flags::verify_hash,
        &Flags::derive, &Flags::wrap, &Flags::unwrap}) {
    attributes.usage = {};
    attributes.usage.*flag = true;
    EXPECT_THAT(sent_and_received(attributes), IsOkAndHolds(attributes));
  }
}

TEST(KeyCodec, NumbersUsageFlagsAsTheContractDoes) {
  // Fields 1 to 10 in order, each true.
  psa::UsageFlags all = {true, true, true, true, true, true, true, true, true, true};
  EXPECT_EQ(to_hex(view_of(encode(all).SerializeAsString())),
            "0801100118012001280130013801400148015001");
  psa::UsageFlags exported = {.may_export = true};
  EXPECT_EQ(to_hex(view_of(encode(exported).SerializeAsString())), "0801");
}

TEST(KeyCodec, NumbersExtensionsFromAThousand) {
  const psa::KeyType edwards = {.kind = Kind::EccKeyPair,
                                .curve_family = psa::EccFamily::TwistedEdwards};
  EXPECT_EQ(static_cast<int>(encode(edwards).ecc_key_pair().curve_family()), 1000);
  // Fields 1000 and 1001, true; and field 1000 of the policy.
  EXPECT_EQ(to_hex(view_of(encode({.wrap = true, .unwrap = true}).SerializeAsString())),
            "c03e01c83e01");
  psa::KeyAttributes attributes = kAttributes;
  attributes.drawn_nonce_only = true;
  EXPECT_THAT(sent_and_received(attributes), IsOkAndHolds(attributes));
  EXPECT_TRUE(encode(attributes).key_policy().SerializeAsString().ends_with("\xc0\x3e\x01"));
}

TEST(KeyCodec, DoesNotWidenUsage) {
  auto decoded = sent_and_received(kAttributes);
  ASSERT_THAT(decoded, testing::IsOk());
  EXPECT_FALSE(decoded->usage.sign_message);
  EXPECT_FALSE(decoded->usage.verify_message);
}

TEST(KeyCodec, WritesMandatoryPartsThatHoldDefaultsOnly) {
  psa::KeyAttributes attributes = {
      .type = {.kind = Kind::DhKeyPair}, .bits = 0, .usage = {}, .algorithm = psa::NoAlgorithm{}};
  EXPECT_EQ(to_hex(view_of(encode(attributes).SerializeAsString())), "0a026a001a060a0012020a00");
  EXPECT_THAT(sent_and_received(attributes), IsOkAndHolds(attributes));
}

// A valid message spoilt in one way, and the error that follows.
struct Flaw {
  const char* cause;
  std::function<void(Contract&)> spoil;
};

void set_curve_family(Contract& contract, int family) {
  contract.mutable_key_type()->mutable_ecc_key_pair()->set_curve_family(
      static_cast<psa_key_attributes::KeyType::EccFamily>(family));
}

const std::vector<Flaw>& flaws() {
  static const std::vector<Flaw> all = {
      {"key attributes: key type is missing", [](auto& c) { c.clear_key_type(); }},
      {"key attributes: key type is missing", [](auto& c) { c.mutable_key_type()->Clear(); }},
      {"key attributes: curve family is missing", [](auto& c) { set_curve_family(c, 0); }},
      {"key attributes: curve family 10 does not exist", [](auto& c) { set_curve_family(c, 10); }},
      {"key attributes: curve family -1 does not exist", [](auto& c) { set_curve_family(c, -1); }},
      {"key attributes: curve family is missing",
       [](auto& c) { c.mutable_key_type()->mutable_ecc_public_key(); }},
      {"key attributes: group family 1 does not exist",
       [](auto& c) {
         c.mutable_key_type()->mutable_dh_key_pair()->set_group_family(
             static_cast<psa_key_attributes::KeyType::DhFamily>(1));
       }},
      {"key attributes: group family 2 does not exist",
       [](auto& c) {
         c.mutable_key_type()->mutable_dh_public_key()->set_group_family(
             static_cast<psa_key_attributes::KeyType::DhFamily>(2));
       }},
      {"key attributes: key policy is missing", [](auto& c) { c.clear_key_policy(); }},
      {"key attributes: set of usage flags is missing",
       [](auto& c) { c.mutable_key_policy()->clear_key_usage_flags(); }},
      {"key attributes: key algorithm is missing",
       [](auto& c) { c.mutable_key_policy()->clear_key_algorithm(); }},
      {"algorithm: variant is missing",
       [](auto& c) { c.mutable_key_policy()->mutable_key_algorithm()->Clear(); }},
  };
  return all;
}

TEST(KeyCodec, NamesThePartThatIsMissingOrUnknown) {
  for (const Flaw& flaw : flaws()) {
    Contract contract = encode(kAttributes);
    flaw.spoil(contract);
    auto decoded = decode(contract);
    ASSERT_THAT(decoded, FailsWith(Status::InvalidEncoding)) << flaw.cause;
    EXPECT_EQ(decoded.error().message(), "decoding " + std::string(flaw.cause));
  }
}

}  // namespace
}  // namespace strongroom
