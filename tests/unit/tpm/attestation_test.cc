// The whole way: a TPM's statements through the provider, judged by the verifier, and its software
// credential opened by the TPM.
#include "strongroom/attestation.h"

#include "providers/tpm/tpm_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/stored_key.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

namespace judge = attestation;
using judge::Field;
using judge::PcrBank;
using testing::FailsWith;
using testing::IsOk;
using testing::stored;

class VerifiedTpm : public testing::WithSwTpm {
 protected:
  static std::unique_ptr<TpmProvider> provider(RootType root = RootType::EccP256) {
    TpmProvider::Settings settings;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.root = root;
    auto made = TpmProvider::create("tpm", std::move(settings));
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static KeyRecordPtr new_key(TpmProvider& provider) {
    auto key = provider.keys()->generate(testing::ecc_pair(), {});
    EXPECT_THAT(key, IsOk());
    return stored(*std::move(key), 1);
  }
  static judge::Identity identity_of(TpmProvider& provider, const KeyRecord* key) {
    auto prepared = provider.attester()->prepare(key);
    EXPECT_THAT(prepared, IsOk());
    return {.name = prepared->name,
            .key = prepared->public_area,
            .endorsement_key = prepared->attesting_key};
  }
  static judge::Evidence evidence_of(const Attester::Certificate& certificate) {
    return {.attest = certificate.statement.attest,
            .signature = certificate.statement.signature,
            .attestation_key = certificate.statement.attestation_key,
            .key = certificate.public_area,
            .registers = {}};
  }
  static judge::Evidence evidence_of(const Attester::Quote& quote) {
    return {.attest = quote.statement.attest,
            .signature = quote.statement.signature,
            .attestation_key = quote.statement.attestation_key,
            .key = {},
            .registers = quote.values};
  }
  judge::Expected expected(const Bytes& name) const {
    return {.nonce = nonce, .attestation_key_name = name};
  }

  const Bytes nonce = Bytes(32, std::byte{0x4e});
};

TEST_F(VerifiedTpm, OpensACredentialThatSoftwareMade) {
  auto made = provider();
  auto key = new_key(*made);
  const Bytes secret(20, std::byte{0x5c});
  for (const KeyRecord* of : {static_cast<const KeyRecord*>(nullptr), key.get()}) {
    auto role = of == nullptr ? judge::KeyRole::AttestationKey : judge::KeyRole::ApplicationKey;
    auto challenge = judge::challenge(identity_of(*made, of), role, secret);
    ASSERT_TRUE(challenge.has_value()) << challenge.error().message;
    auto opened =
        made->attester()->activate_credential(of, challenge->credential, challenge->secret);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(copy_of(opened->reveal()), secret);
  }
}

TEST_F(VerifiedTpm, CertifiesAKeyByEitherKindOfAttestationKey) {
  for (RootType root : {RootType::EccP256, RootType::Rsa2048}) {
    auto made = provider(root);
    auto key = new_key(*made);
    const Bytes name = identity_of(*made, nullptr).name;
    auto certificate = made->attester()->certify(*key, nonce);
    ASSERT_THAT(certificate, IsOk());
    auto found = judge::verify_key(evidence_of(*certificate), expected(name));
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->name, identity_of(*made, key.get()).name);
  }
}

// Had the attestation key another hierarchy, the counts would be garbled. The clock may go back
// when power fails.
TEST_F(VerifiedTpm, TellsItsResetsPlainly) {
  auto made = provider();
  auto key = new_key(*made);
  const Bytes name = identity_of(*made, nullptr).name;
  auto before = made->attester()->certify(*key, nonce);
  ASSERT_THAT(before, IsOk());
  auto first = judge::verify_key(evidence_of(*before), expected(name));
  ASSERT_TRUE(first.has_value()) << first.error().message;
  tpm().reset();
  auto after = made->attester()->certify(*key, nonce);
  ASSERT_THAT(after, IsOk());
  judge::Expected then = expected(name);
  then.reset_count = first->common.clock.reset_count;
  EXPECT_EQ(judge::verify_key(evidence_of(*after), then).error().field, Field::ResetCount);
  then.reset_count = first->common.clock.reset_count + 1;
  then.firmware_version = first->common.firmware_version;
  auto second = judge::verify_key(evidence_of(*after), then);
  EXPECT_TRUE(second.has_value()) << second.error().message;
}

TEST_F(VerifiedTpm, SaysOfAnImportedKeyThatItIsOne) {
  auto made = provider();
  auto software = SoftwareProvider::create("software");
  ASSERT_THAT(software, IsOk());
  psa::KeyAttributes attributes = testing::ecc_pair();
  auto pair = (*software)->keys()->generate(attributes, {});
  ASSERT_THAT(pair, IsOk());
  auto imported = made->keys()->import(attributes, pair->material.reveal());
  ASSERT_THAT(imported, IsOk());
  auto key = stored(*std::move(imported), 9);
  const Bytes name = identity_of(*made, nullptr).name;
  auto certificate = made->attester()->certify(*key, nonce);
  ASSERT_THAT(certificate, IsOk());
  auto found = judge::verify_key(evidence_of(*certificate), expected(name));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().field, Field::KeyAttributes) << found.error().message;
  EXPECT_FALSE(
      judge::challenge(identity_of(*made, key.get()), judge::KeyRole::ApplicationKey, nonce)
          .has_value());
}

TEST_F(VerifiedTpm, AnswersTheQuestionThatWasAsked) {
  auto made = provider();
  auto key = new_key(*made);
  const Bytes name = identity_of(*made, nullptr).name;
  auto certificate = made->attester()->certify(*key, Bytes(32, std::byte{1}));
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(judge::verify_key(evidence_of(*certificate), expected(name)).error().field,
            Field::Nonce);
}

TEST_F(VerifiedTpm, QuotesWhatItsRegistersAre) {
  auto made = provider();
  const Bytes name = identity_of(*made, nullptr).name;
  const std::array selection = {PcrSelection{psa::Hash::Sha256, {0, 16}},
                                PcrSelection{psa::Hash::Sha384, {17}}};
  judge::ExpectedRegisters registers{{{{PcrBank::Sha256, 0}, Bytes(32)},
                                      {{PcrBank::Sha256, 16}, Bytes(32)},
                                      {{PcrBank::Sha384, 17}, Bytes(48, std::byte{0xff})}}};
  auto before = made->attester()->quote(selection, nonce);
  ASSERT_THAT(before, IsOk());
  auto found = judge::verify_quote(evidence_of(*before), expected(name), registers);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  testing::Esys(tpm().tcti()).extend(16, nonce);
  auto after = made->attester()->quote(selection, nonce);
  ASSERT_THAT(after, IsOk());
  auto changed = judge::verify_quote(evidence_of(*after), expected(name), registers);
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().field, Field::PcrDigest);
  EXPECT_THAT(changed.error().message, ::testing::HasSubstr("sha256:16"));
  tpm().reset();
}

}  // namespace
}  // namespace strongroom::tpm
