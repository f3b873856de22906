// A statement that verifies, and what is expected of it, for tests that change one thing.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/attestation/fake_tpm.h"

namespace strongroom::attestation {

template <typename T>
void expect_failure(const Verified<T>& verified, Field field, std::string_view words) {
  ASSERT_FALSE(verified.has_value()) << to_string(field);
  EXPECT_EQ(verified.error().field, field) << verified.error().message;
  EXPECT_THAT(verified.error().message, ::testing::HasSubstr(words));
  EXPECT_THAT(verified.error().message, ::testing::StartsWith(to_string(field)));
}

inline testing::FakeKey& attestation_key() {
  static testing::FakeKey key(testing::Scheme::Ecdsa, testing::kAttestationAttributes);
  return key;
}

inline testing::FakeKey& application_key() {
  static testing::FakeKey key(testing::Scheme::Ecdsa, testing::kApplicationAttributes);
  return key;
}

class Verify : public ::testing::Test {
 protected:
  Verify() {
    fields.qualified_signer = attestation_key().qualified_name();
    fields.nonce = nonce;
    evidence.attestation_key = attestation_key().public_area();
    expected.nonce = nonce;
    expected.attestation_key_name = trusted;
  }
  void sign(const testing::FakeKey& key = attestation_key()) {
    evidence.attest = marshalled(fields);
    evidence.signature = key.sign(evidence.attest);
  }

  const Bytes nonce = Bytes(20, std::byte{0x4e});
  const Bytes trusted = attestation_key().name();
  testing::StatementFields fields;
  Evidence evidence;
  Expected expected;
};

}  // namespace strongroom::attestation
