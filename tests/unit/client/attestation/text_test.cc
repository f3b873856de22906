#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strongroom/attestation.h"

namespace strongroom::attestation {
namespace {

using ::testing::HasSubstr;

const Evidence kEvidence{.attest = bytes_of("attest"),
                         .signature = bytes_of("signature"),
                         .attestation_key = bytes_of("attestation key"),
                         .key = bytes_of("key"),
                         .registers = {bytes_of("one"), bytes_of("two")}};

TEST(EvidenceText, IsReadAsItWasWritten) {
  const std::string text = to_text(kEvidence);
  EXPECT_THAT(text, ::testing::StartsWith("-----BEGIN TPM ATTEST-----\n"));
  auto read = evidence_in(text);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->attest, kEvidence.attest);
  EXPECT_EQ(read->signature, kEvidence.signature);
  EXPECT_EQ(read->attestation_key, kEvidence.attestation_key);
  EXPECT_EQ(read->key, kEvidence.key);
  EXPECT_EQ(read->registers, kEvidence.registers);
}

TEST(EvidenceText, WordsAroundTheBlocksAreSkipped) {
  auto read = evidence_in("Of web:\n" + to_text(kEvidence) + "that is all\n");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->key, kEvidence.key);
}

TEST(EvidenceText, WithoutAPartOrWithTwoIsRefused) {
  Evidence lacking = kEvidence;
  lacking.signature.clear();
  auto read = evidence_in(to_text(lacking));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().field, Field::Structure);
  EXPECT_THAT(read.error().message, HasSubstr("no block of 'TPM SIGNATURE'"));
  read = evidence_in(to_text(kEvidence) + to_text(kEvidence));
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("two blocks of 'TPM ATTEST'"));
}

TEST(EvidenceText, DamagedIsRefused) {
  std::string text = to_text(kEvidence);
  text.resize(text.size() - 10);
  EXPECT_FALSE(evidence_in(text).has_value());
  EXPECT_FALSE(evidence_in("").has_value());
  EXPECT_FALSE(evidence_in(std::string(65 * 1024, '\n')).has_value());
}

TEST(IdentityText, IsReadAsItWasWritten) {
  const Identity identity{
      .name = bytes_of("name"), .key = bytes_of("key"), .endorsement_key = bytes_of("endorsement")};
  auto read = identity_in(to_text(identity));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->name, identity.name);
  EXPECT_EQ(read->key, identity.key);
  EXPECT_EQ(read->endorsement_key, identity.endorsement_key);
  EXPECT_FALSE(identity_in(to_text(kEvidence)).has_value());
}

TEST(ChallengeText, IsReadAsItWasWritten) {
  const Challenge made{.credential = bytes_of("credential"), .secret = bytes_of("secret")};
  auto read = challenge_in(to_text(made));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->credential, made.credential);
  EXPECT_EQ(read->secret, made.secret);
  EXPECT_FALSE(challenge_in(to_text(kEvidence)).has_value());
}

}  // namespace
}  // namespace strongroom::attestation
