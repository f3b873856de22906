// What is checked before a challenge is made; that a TPM takes it, tests of the TPM show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/attestation/fake_tpm.h"

namespace strongroom::attestation {
namespace {

using testing::FakeKey;
using testing::kApplicationAttributes;
using testing::kAttestationAttributes;
using testing::Scheme;

class ChallengeTest : public ::testing::Test {
 protected:
  static Identity identity_of(const FakeKey& key) {
    static const FakeKey endorsement(Scheme::RsaSsa, 0);
    return {.name = key.name(),
            .key = key.public_area(),
            .endorsement_key = testing::rsa_public_key(endorsement.pair())};
  }
  static Field refusal_of(const Identity& identity, KeyRole role, std::size_t secret_size = 32) {
    const Bytes secret(secret_size, std::byte{5});
    auto made = challenge(identity, role, secret);
    EXPECT_FALSE(made.has_value());
    return made ? Field::Magic : made.error().field;
  }
  const FakeKey attestation_key{Scheme::Ecdsa, kAttestationAttributes};
  const FakeKey application_key{Scheme::Ecdsa, kApplicationAttributes};
};

TEST_F(ChallengeTest, EachIsAnother) {
  const Bytes secret(32, std::byte{5});
  auto first = challenge(identity_of(attestation_key), KeyRole::AttestationKey, secret);
  auto second = challenge(identity_of(attestation_key), KeyRole::AttestationKey, secret);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->secret.size(), 256U);
  EXPECT_EQ(first->credential.size(), 2U + 32 + 2 + 32);
  EXPECT_NE(first->credential, second->credential);
  EXPECT_NE(first->secret, second->secret);
}

TEST_F(ChallengeTest, IsForAKeyOfTheRole) {
  EXPECT_EQ(refusal_of(identity_of(application_key), KeyRole::AttestationKey),
            Field::KeyAttributes);
  EXPECT_EQ(refusal_of(identity_of(attestation_key), KeyRole::ApplicationKey),
            Field::KeyAttributes);
  EXPECT_TRUE(
      challenge(identity_of(application_key), KeyRole::ApplicationKey, Bytes(16)).has_value());
}

TEST_F(ChallengeTest, IsForTheKeyOfTheName) {
  Identity identity = identity_of(attestation_key);
  identity.name.back() ^= std::byte{1};
  EXPECT_EQ(refusal_of(identity, KeyRole::AttestationKey), Field::Name);
  identity = identity_of(attestation_key);
  identity.key = application_key.public_area();
  EXPECT_EQ(refusal_of(identity, KeyRole::AttestationKey), Field::Name);
}

TEST_F(ChallengeTest, IsToAnEndorsementKey) {
  Identity identity = identity_of(attestation_key);
  identity.endorsement_key.pop_back();
  EXPECT_EQ(refusal_of(identity, KeyRole::AttestationKey), Field::PublicKey);
  identity = identity_of(attestation_key);
  identity.endorsement_key.push_back({});
  EXPECT_EQ(refusal_of(identity, KeyRole::AttestationKey), Field::PublicKey);
  identity.endorsement_key.clear();
  EXPECT_EQ(refusal_of(identity, KeyRole::AttestationKey), Field::PublicKey);
}

TEST_F(ChallengeTest, HasASecretThatCannotBeGuessed) {
  EXPECT_EQ(refusal_of(identity_of(attestation_key), KeyRole::AttestationKey, 15),
            Field::Expectation);
  EXPECT_EQ(refusal_of(identity_of(attestation_key), KeyRole::AttestationKey, 33),
            Field::Expectation);
}

TEST(NameOf, IsTheAlgorithmAndTheDigest) {
  const FakeKey key(Scheme::Ecdsa, kApplicationAttributes);
  auto name = name_of(key.public_area());
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(*name, key.name());
  Bytes other = key.public_area();
  other[3] = std::byte{0x0c};
  EXPECT_EQ(name_of(other).error().field, Field::Name);
}

}  // namespace
}  // namespace strongroom::attestation
