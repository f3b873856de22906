// Whatever attests keys convinces a verifier who has nothing but its answers.
#include "strongroom/attestation.h"

#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

const Bytes kNonce(20, std::byte{0x4e});

attestation::Identity identity_of(const Attester::Preparation& prepared) {
  return {.name = prepared.name,
          .key = prepared.public_area,
          .endorsement_key = prepared.attesting_key};
}

attestation::Evidence evidence_of(const Attester::Statement& statement) {
  return {.attest = statement.attest,
          .signature = statement.signature,
          .attestation_key = statement.attestation_key,
          .key = {},
          .registers = {}};
}

psa::KeyAttributes signing_key(const psa::KeyType& type, std::uint32_t bits) {
  return attributes_of(type, bits, type.is_rsa() ? kPkcs1Sha256 : kEcdsaSha256);
}

TEST_P(ProviderConformance, AttestsItsOwnKeysByCredentials) {
  Attester* attester = provider().attester();
  if (attester == nullptr) GTEST_SKIP() << "attests no keys";
  const Bytes secret(32, std::byte{0x5c});
  for (const auto& [type, bits] : {std::pair{kEcPair, 256U}, std::pair{kRsaPair, 2048U}}) {
    auto made = provider().keys()->generate(signing_key(type, bits), {});
    ASSERT_THAT(made, IsOk());
    KeyRecordPtr key = store(*std::move(made));
    auto prepared = attester->prepare(key.get());
    ASSERT_THAT(prepared, IsOk());
    auto challenge = attestation::challenge(identity_of(*prepared),
                                            attestation::KeyRole::ApplicationKey, secret);
    ASSERT_TRUE(challenge.has_value()) << challenge.error().message;
    auto opened =
        attester->activate_credential(key.get(), challenge->credential, challenge->secret);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(copy_of(opened->reveal()), secret);
    challenge->credential.back() ^= std::byte{1};
    EXPECT_THAT(attester->activate_credential(key.get(), challenge->credential, challenge->secret),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, CertifiesItsOwnKeys) {
  Attester* attester = provider().attester();
  if (attester == nullptr) GTEST_SKIP() << "attests no keys";
  auto signer = attester->prepare(nullptr);
  ASSERT_THAT(signer, IsOk());
  auto made = provider().keys()->generate(signing_key(kEcPair, 256), {});
  ASSERT_THAT(made, IsOk());
  KeyRecordPtr key = store(*std::move(made));
  auto certificate = attester->certify(*key, kNonce);
  ASSERT_THAT(certificate, IsOk());
  attestation::Evidence evidence = evidence_of(certificate->statement);
  evidence.key = certificate->public_area;
  auto found =
      attestation::verify_key(evidence, {.nonce = kNonce, .attestation_key_name = signer->name});
  ASSERT_TRUE(found.has_value()) << found.error().message;
}

TEST_P(ProviderConformance, QuotesItsRegisters) {
  Attester* attester = provider().attester();
  if (attester == nullptr) GTEST_SKIP() << "attests no keys";
  auto signer = attester->prepare(nullptr);
  ASSERT_THAT(signer, IsOk());
  const std::array selections = {PcrSelection{psa::Hash::Sha256, {0, 7}}};
  auto quote = attester->quote(selections, kNonce);
  ASSERT_THAT(quote, IsOk());
  attestation::Evidence evidence = evidence_of(quote->statement);
  evidence.registers = quote->values;
  const attestation::ExpectedRegisters registers{
      {{{attestation::PcrBank::Sha256, 0}, {}}, {{attestation::PcrBank::Sha256, 7}, {}}}};
  auto found = attestation::verify_quote(
      evidence, {.nonce = kNonce, .attestation_key_name = signer->name}, registers);
  ASSERT_TRUE(found.has_value()) << found.error().message;
}

TEST_P(ProviderConformance, AttestsNoPublicKeys) {
  Attester* attester = provider().attester();
  if (attester == nullptr) GTEST_SKIP() << "attests no keys";
  KeyRecordPtr key = some_key(kEcPublic, 256);
  ASSERT_NE(key, nullptr);
  EXPECT_THAT(attester->prepare(key.get()), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(attester->certify(*key, kNonce), FailsWith(Status::PsaErrorNotSupported));
}

}  // namespace
}  // namespace strongroom::conformance
