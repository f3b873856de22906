// Each field of a statement in turn as no TPM, or another one, would have it. The messages are what
// people are told.
#include "tests/unit/client/attestation/verify_fixture.h"

namespace strongroom::attestation {
namespace {

using namespace attribute;
using testing::big_endian;
using testing::FakeKey;
using testing::joined;
using testing::kApplicationAttributes;
using testing::kAttestationAttributes;
using testing::Scheme;
using testing::sized;

class VerifyKey : public Verify {
 protected:
  VerifyKey() { certify(application_key()); }
  void certify(const FakeKey& key) {
    evidence.key = key.public_area();
    fields.attested = joined({sized(key.name()), sized(Bytes(34, std::byte{0x71}))});
    sign();
  }
  void expect_refused(Field field, std::string_view words) {
    sign();
    expect_failure(verify_key(evidence, expected), field, words);
  }
};

TEST_F(VerifyKey, AGoodStatementTellsOfTheKey) {
  auto found = verify_key(evidence, expected);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(found->name, application_key().name());
  EXPECT_EQ(found->attributes, kApplicationAttributes);
  EXPECT_EQ(found->public_key, application_key().subject_public_key_info());
  EXPECT_EQ(found->common.clock.clock, 5'000U);
  EXPECT_EQ(found->common.clock.reset_count, 7U);
  EXPECT_EQ(found->common.clock.restart_count, 3U);
  EXPECT_TRUE(found->common.clock.is_safe);
  EXPECT_EQ(found->common.firmware_version, 0x2019'1023'0016'3636U);
}

TEST_F(VerifyKey, SchemesOfRsaVerifyToo) {
  for (Scheme scheme : {Scheme::RsaSsa, Scheme::RsaPss}) {
    const FakeKey rsa(scheme, kAttestationAttributes);
    evidence.attestation_key = rsa.public_area();
    const Bytes name = rsa.name();
    expected.attestation_key_name = name;
    fields.qualified_signer = rsa.qualified_name();
    sign(rsa);
    auto found = verify_key(evidence, expected);
    EXPECT_TRUE(found.has_value()) << found.error().message;
    evidence.signature.back() ^= std::byte{1};
    expect_failure(verify_key(evidence, expected), Field::Signature, "");
  }
}

TEST_F(VerifyKey, Magic) {
  fields.magic = 0xff544346;
  expect_refused(Field::Magic, "expected 0xff544347, found 0xff544346");
}

TEST_F(VerifyKey, Type) {
  fields.type = testing::kQuoteType;
  expect_refused(Field::Type, "expected 0x8017 (a certified key), found 0x8018 (a quote)");
}

TEST_F(VerifyKey, Nonce) {
  fields.nonce.back() ^= std::byte{1};
  expect_refused(Field::Nonce, "expected " + to_hex(nonce) + ", found ");
  fields.nonce.clear();
  expect_refused(Field::Nonce, "found nothing");
}

TEST_F(VerifyKey, Name) {
  const FakeKey other(Scheme::Ecdsa, kApplicationAttributes);
  evidence.key = other.public_area();
  expect_refused(Field::Name, "expected " + to_hex(application_key().name()) + ", found " +
                                  to_hex(other.name()));
}

TEST_F(VerifyKey, QualifiedSigner) {
  fields.qualified_signer.back() ^= std::byte{1};
  expect_refused(Field::QualifiedSigner, "expected " + to_hex(attestation_key().qualified_name()));
  fields.qualified_signer = attestation_key().name();
  expect_refused(Field::QualifiedSigner, "found " + to_hex(attestation_key().name()));
}

TEST_F(VerifyKey, Clock) {
  expected.clock_at_least = 5'000;
  EXPECT_TRUE(verify_key(evidence, expected).has_value());
  expected.clock_at_least = 5'001;
  expect_refused(Field::Clock, "expected 5001 or later, found 5000");
}

TEST_F(VerifyKey, ClockThatIsNotSafe) {
  fields.safe = 0;
  sign();
  EXPECT_TRUE(verify_key(evidence, expected).has_value());
  expected.safe_clock = true;
  expect_refused(Field::Clock, "expected one that is safe to compare");
  fields.safe = 2;
  expect_refused(Field::Structure, "neither safe nor unsafe");
}

TEST_F(VerifyKey, ResetCount) {
  expected.reset_count = 7;
  EXPECT_TRUE(verify_key(evidence, expected).has_value());
  fields.reset_count = 8;
  expect_refused(Field::ResetCount, "expected 7, found 8");
}

TEST_F(VerifyKey, RestartCount) {
  expected.restart_count = 3;
  EXPECT_TRUE(verify_key(evidence, expected).has_value());
  fields.restart_count = 4;
  expect_refused(Field::RestartCount, "expected 3, found 4");
}

TEST_F(VerifyKey, FirmwareVersion) {
  expected.firmware_version = 0x2019'1023'0016'3636;
  EXPECT_TRUE(verify_key(evidence, expected).has_value());
  fields.firmware_version = 0x2019'1023'0016'3635;
  expect_refused(Field::FirmwareVersion, "expected 0x2019102300163636, found 0x2019102300163635");
}

TEST_F(VerifyKey, Signature) {
  for (std::size_t at = 6; at < evidence.signature.size(); at += 7) {
    Evidence altered = evidence;
    altered.signature[at] ^= std::byte{1};
    auto found = verify_key(altered, expected);
    ASSERT_FALSE(found.has_value()) << at;
    EXPECT_TRUE(found.error().field == Field::Signature || found.error().field == Field::Structure);
  }
  sign(FakeKey(Scheme::Ecdsa, kAttestationAttributes));
  expect_failure(verify_key(evidence, expected), Field::Signature,
                 "it is not the attestation key's over this statement");
}

TEST_F(VerifyKey, ASignatureOfAnotherKindThanTheKey) {
  evidence.signature = FakeKey(Scheme::RsaSsa, kAttestationAttributes).sign(evidence.attest);
  expect_failure(verify_key(evidence, expected), Field::Signature, "");
}

TEST_F(VerifyKey, ASignatureOverAWeakHash) {
  evidence.signature[3] = std::byte{0x04};
  expect_failure(verify_key(evidence, expected), Field::Signature, "found hash 0x0004");
}

TEST_F(VerifyKey, EveryBitOfTheStatementIsSigned) {
  for (std::size_t at = 0; at < evidence.attest.size(); ++at) {
    Evidence altered = evidence;
    altered.attest[at] ^= std::byte{1} << (at % 8);
    EXPECT_FALSE(verify_key(altered, expected).has_value()) << at;
  }
}

TEST_F(VerifyKey, AttestationKeyOfSomebodyElse) {
  const FakeKey other(Scheme::Ecdsa, kAttestationAttributes);
  evidence.attestation_key = other.public_area();
  fields.qualified_signer = other.qualified_name();
  sign(other);
  expect_failure(verify_key(evidence, expected), Field::AttestationKey,
                 "expected " + to_hex(trusted) + ", found " + to_hex(other.name()));
}

// Each would sign, or be, something else than a TPM's statements.
TEST_F(VerifyKey, AttributesOfTheAttestationKey) {
  struct Case {
    std::uint32_t changed;
    std::string_view name;
  };
  for (const auto& [changed, words] :
       {Case{kFixedTpm, "fixedTPM"}, Case{kFixedParent, "fixedParent"},
        Case{kSensitiveDataOrigin, "sensitiveDataOrigin"}, Case{kRestricted, "restricted"},
        Case{kSign, "sign"}, Case{kDecrypt, "decrypt"},
        Case{kEncryptedDuplication, "encryptedDuplication"}}) {
    const FakeKey key(Scheme::Ecdsa, kAttestationAttributes ^ changed);
    evidence.attestation_key = key.public_area();
    const Bytes name = key.name();
    expected.attestation_key_name = name;
    fields.qualified_signer = key.qualified_name();
    sign(key);
    expect_failure(verify_key(evidence, expected), Field::KeyAttributes, words);
  }
}

TEST_F(VerifyKey, AttributesOfTheKey) {
  struct Case {
    std::uint32_t changed;
    std::string_view words;
  };
  for (const auto& [changed, words] :
       {Case{kFixedTpm, "expected fixedTPM to be set, found 0x00060470 without"},
        Case{kFixedParent, "expected fixedParent to be set"},
        Case{kSensitiveDataOrigin, "expected sensitiveDataOrigin to be set"},
        Case{kRestricted, "expected restricted to be clear"},
        Case{kEncryptedDuplication, "expected encryptedDuplication to be clear"}}) {
    certify(FakeKey(Scheme::Ecdsa, kApplicationAttributes ^ changed));
    expect_failure(verify_key(evidence, expected), Field::KeyAttributes, words);
  }
}

TEST_F(VerifyKey, AttributesThatTheCallerNames) {
  ExpectedKey signs_alone;
  signs_alone.set |= kSign;
  signs_alone.clear |= kDecrypt;
  expect_failure(verify_key(evidence, expected, signs_alone), Field::KeyAttributes,
                 "expected decrypt to be clear");
  certify(FakeKey(Scheme::Ecdsa, kApplicationAttributes ^ kDecrypt));
  EXPECT_TRUE(verify_key(evidence, expected, signs_alone).has_value());
  certify(FakeKey(Scheme::Ecdsa, kApplicationAttributes ^ kDecrypt ^ kSign));
  expect_failure(verify_key(evidence, expected, signs_alone), Field::KeyAttributes,
                 "expected sign to be set");
}

TEST_F(VerifyKey, PublicKey) {
  const Bytes shown = application_key().subject_public_key_info();
  ExpectedKey key;
  key.public_key = shown;
  EXPECT_TRUE(verify_key(evidence, expected, key).has_value());
  const Bytes other = attestation_key().subject_public_key_info();
  key.public_key = other;
  expect_failure(verify_key(evidence, expected, key), Field::PublicKey, to_hex(other));
}

TEST_F(VerifyKey, APointThatIsNotOnTheCurve) {
  Bytes area = application_key().public_area();
  area.back() ^= std::byte{1};
  evidence.key = area;
  const Bytes name = joined({big_endian(0x000b, 2), testing::sha256(area)});
  fields.attested = joined({sized(name), sized({})});
  expect_refused(Field::PublicKey, "no point of the curve");
}

// A scheme with other fields would be read as if it had one hash.
TEST_F(VerifyKey, ASchemeThatIsNotKnown) {
  constexpr std::size_t kScheme = 12;  // behind type, name algorithm, attributes, policy, cipher
  Bytes area = application_key().public_area();
  area[kScheme] = std::byte{0x00};
  area[kScheme + 1] = std::byte{0x1a};  // TPM_ALG_ECDAA
  evidence.key = area;
  const Bytes name = joined({big_endian(0x000b, 2), testing::sha256(area)});
  fields.attested = joined({sized(name), sized({})});
  expect_refused(Field::Structure, "the scheme 0x001a");
}

TEST_F(VerifyKey, BytesBehindAnyStructure) {
  fields.behind = Bytes(1);
  expect_refused(Field::Structure, "statement: 1 bytes behind its end");
  fields.behind.clear();
  sign();
  Evidence longer = evidence;
  longer.signature.push_back({});
  expect_failure(verify_key(longer, expected), Field::Structure, "signature: 1 bytes");
  longer = evidence;
  longer.key.push_back({});
  expect_failure(verify_key(longer, expected), Field::Structure, "public area: 1 bytes");
  longer = evidence;
  longer.attestation_key.push_back({});
  expect_failure(verify_key(longer, expected), Field::Structure, "public area: 1 bytes");
}

TEST_F(VerifyKey, EveryShorterStructure) {
  for (Bytes Evidence::* part :
       {&Evidence::attest, &Evidence::signature, &Evidence::key, &Evidence::attestation_key}) {
    for (std::size_t size = 0; size < (evidence.*part).size(); ++size) {
      Evidence shorter = evidence;
      (shorter.*part).resize(size);
      EXPECT_FALSE(verify_key(shorter, expected).has_value()) << size;
    }
  }
}

TEST_F(VerifyKey, WithoutAQuestionOrASignerThereIsNothingToVerify) {
  Expected careless = expected;
  careless.nonce = {};
  expect_failure(verify_key(evidence, careless), Field::Expectation, "nonce");
  careless = expected;
  careless.attestation_key_name = {};
  expect_failure(verify_key(evidence, careless), Field::Expectation, "attestation key");
}

}  // namespace
}  // namespace strongroom::attestation
