// Credential activation and statements of a real TPM, with a second TPM where the verifier has one.
#include "providers/attester.h"

#include "providers/tpm/objects/public_keys.h"
#include "providers/tpm/tpm_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/stored_key.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::Esys;
using testing::FailsWith;
using testing::IsOk;
using testing::stored;

constexpr psa::AsymmetricSignature kPkcs1Sha256{psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                                psa::Hash::Sha256};

class AttesterTest : public testing::WithSwTpm {
 protected:
  std::unique_ptr<TpmProvider> provider(std::string_view password = {},
                                        RootType root = RootType::EccP256) {
    TpmProvider::Settings settings;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    settings.root = root;
    settings.endorsement_auth_source = [password] {
      return SecretBuffer::copy_of(view_of(password));
    };
    auto made = TpmProvider::create("tpm", std::move(settings));
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static KeyRecordPtr new_key(TpmProvider& provider,
                              const psa::KeyAttributes& attributes = testing::ecc_pair()) {
    auto key = provider.keys()->generate(attributes, {});
    EXPECT_THAT(key, IsOk());
    return stored(*std::move(key), 1);
  }
  // As the verifier makes it, whose TPM has nothing of the other one but a public key.
  static Credential credential_for(const Attester::Preparation& preparation, ByteView secret) {
    static testing::SwTpm elsewhere;
    Esys esys(elsewhere.tcti());
    TPMT_PUBLIC area = endorsement_key();
    // RSAPublicKey: two integers in a sequence, n first, with a zero before it.
    EXPECT_TRUE(assign(area.unique.rsa, ByteView(preparation.attesting_key).subspan(9, 256)));
    ESYS_TR known = esys.load_external(area);
    auto credential = esys.make_credential(known, preparation.name, secret);
    esys.flush(known);
    return credential;
  }
  static ByteView blob_of(const Credential& credential) {
    return std::as_bytes(std::span(credential.blob.credential).first(credential.blob.size));
  }
  static ByteView secret_of(const Credential& credential) {
    return std::as_bytes(std::span(credential.secret.secret).first(credential.secret.size));
  }
  static Result<SecretBuffer> activated(TpmProvider& provider, const KeyRecord* key,
                                        const Credential& credential) {
    return provider.attester()->activate_credential(key, blob_of(credential),
                                                    secret_of(credential));
  }
  static void expect_enclosed(TpmProvider& provider, const KeyRecord* key) {
    auto prepared = provider.attester()->prepare(key);
    ASSERT_THAT(prepared, IsOk());
    auto enclosed = activated(provider, key, credential_for(*prepared, kSecret));
    ASSERT_THAT(enclosed, IsOk());
    EXPECT_EQ(copy_of(enclosed->reveal()), kSecret);
  }

  testing::Faults faults;
  static inline const Bytes kSecret = Bytes(32, std::byte{0xc3});
  static inline const Bytes kNonce = Bytes(32, std::byte{0x1f});
};

TEST_F(AttesterTest, ThePreparationIsTheNameAndThePublicAreaOfTheKey) {
  auto made = provider();
  auto key = new_key(*made);
  auto prepared = made->attester()->prepare(key.get());
  ASSERT_THAT(prepared, IsOk());
  auto digest = made->hasher()->compute(psa::Hash::Sha256, prepared->public_area);
  ASSERT_THAT(digest, IsOk());
  digest->insert(digest->begin(), {std::byte{0}, std::byte{TPM2_ALG_SHA256}});
  EXPECT_EQ(prepared->name, *digest);
  Bytes area = prepared->public_area;
  auto parsed = Reader("test", area).take(&Tss2_MU_TPMT_PUBLIC_Unmarshal);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*public_key_of(*parsed), key->public_key);
}

TEST_F(AttesterTest, SigningKeysOfEveryKindOpenTheirCredentials) {
  auto made = provider();
  expect_enclosed(*made, new_key(*made).get());
  auto rsa = testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kPkcs1Sha256);
  expect_enclosed(*made, new_key(*made, rsa).get());
}

TEST_F(AttesterTest, TheAttestationKeyOpensItsOwn) {
  for (RootType root : {RootType::EccP256, RootType::Rsa2048}) {
    auto made = provider({}, root);
    expect_enclosed(*made, nullptr);
  }
}

TEST_F(AttesterTest, ACredentialForAnotherKeyIsRefused) {
  auto made = provider();
  auto key = new_key(*made);
  auto other = new_key(*made);
  auto prepared = made->attester()->prepare(other.get());
  ASSERT_THAT(prepared, IsOk());
  EXPECT_THAT(activated(*made, key.get(), credential_for(*prepared, kSecret)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(AttesterTest, ACredentialForAnotherTpmIsRefused) {
  auto made = provider();
  auto key = new_key(*made);
  auto prepared = made->attester()->prepare(key.get());
  ASSERT_THAT(prepared, IsOk());
  prepared->attesting_key[100] ^= std::byte{1};
  EXPECT_THAT(activated(*made, key.get(), credential_for(*prepared, kSecret)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(AttesterTest, AnAlteredCredentialIsRefusedWhereverItIs) {
  auto made = provider();
  auto key = new_key(*made);
  auto prepared = made->attester()->prepare(key.get());
  ASSERT_THAT(prepared, IsOk());
  const Credential good = credential_for(*prepared, kSecret);
  for (std::size_t at = 0; at < good.blob.size; at += 3) {
    Credential altered = good;
    altered.blob.credential[at] ^= 1;
    EXPECT_THAT(activated(*made, key.get(), altered), FailsWith(Status::PsaErrorInvalidArgument))
        << at;
  }
  for (std::size_t at = 0; at < good.secret.size; at += 31) {
    Credential altered = good;
    altered.secret.secret[at] ^= 1;
    EXPECT_THAT(activated(*made, key.get(), altered), FailsWith(Status::PsaErrorInvalidArgument))
        << at;
  }
  EXPECT_THAT(activated(*made, key.get(), good), IsOk());
}

TEST_F(AttesterTest, ACredentialOfAnotherLengthIsRefused) {
  auto made = provider();
  auto key = new_key(*made);
  auto prepared = made->attester()->prepare(key.get());
  ASSERT_THAT(prepared, IsOk());
  const Credential good = credential_for(*prepared, kSecret);
  const Bytes long_one(5000, std::byte{1});
  for (std::size_t size : {0U, 1U, 2U, 33U, 60U, 400U, 5000U}) {
    EXPECT_THAT(made->attester()->activate_credential(key.get(), ByteView(long_one).first(size),
                                                      secret_of(good)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
    EXPECT_THAT(made->attester()->activate_credential(key.get(), blob_of(good),
                                                      ByteView(long_one).first(size)),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
  }
}

TEST_F(AttesterTest, PublicKeysAreNotInTheTpm) {
  auto made = provider();
  psa::KeyAttributes attributes = testing::ecc_pair();
  auto pair = new_key(*made);
  attributes.type.kind = psa::KeyType::Kind::EccPublicKey;
  auto imported = made->keys()->import(attributes, pair->public_key);
  ASSERT_THAT(imported, IsOk());
  auto key = stored(*std::move(imported), 2);
  EXPECT_THAT(made->attester()->prepare(key.get()), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(made->attester()->certify(*key, kNonce), FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(AttesterTest, ManyKeysAreAttestedInFewSlots) {
  auto made = provider();
  std::vector<KeyRecordPtr> keys;
  for (int i = 0; i < 5; ++i)
    keys.push_back(new_key(*made));
  for (int round = 0; round < 2; ++round)
    for (const KeyRecordPtr& key : keys) {
      EXPECT_THAT(made->attester()->certify(*key, kNonce), IsOk());
      expect_enclosed(*made, key.get());
    }
}

// Whose endorsement hierarchy has a password, until the test's end.
class EndorsementPassword : public AttesterTest {
 protected:
  void SetUp() override {
    AttesterTest::SetUp();
    if (IsSkipped()) return;
    Esys(tpm().tcti()).set_password(ESYS_TR_RH_ENDORSEMENT, view_of("open sesame"));
  }
  void TearDown() override {
    if (!IsSkipped()) tpm().replace();
  }
};

TEST_F(EndorsementPassword, TheRightOneAttests) {
  auto made = provider("open sesame");
  expect_enclosed(*made, new_key(*made).get());
}

TEST_F(EndorsementPassword, AWrongOneIsAGenericErrorAndTriedOnce) {
  for (std::string_view wrong : {"", "sesame"}) {
    auto made = provider(wrong);
    auto key = new_key(*made);
    faults.forget_sent();
    EXPECT_THAT(made->attester()->prepare(key.get()), FailsWith(Status::PsaErrorGenericError));
    EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 1U);
    EXPECT_THAT(made->attester()->prepare(key.get()), FailsWith(Status::PsaErrorGenericError));
    EXPECT_THAT(made->attester()->activate_credential(key.get(), kSecret, kSecret),
                FailsWith(Status::PsaErrorGenericError));
    EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 1U);
    EXPECT_THAT(made->signer()->sign_hash(*key, testing::kEcdsaSha256, kSecret), IsOk())
        << "keys need no endorsement";
  }
}

TEST_F(EndorsementPassword, AnotherOneIsTried) {
  auto made = provider("wrong");
  auto key = new_key(*made);
  EXPECT_THAT(made->attester()->prepare(key.get()), FailsWith(Status::PsaErrorGenericError));
  made->use_endorsement_auth([] { return SecretBuffer::copy_of(view_of("open sesame")); });
  expect_enclosed(*made, key.get());
}

TEST_F(AttesterTest, StatementsSurviveAReset) {
  auto made = provider();
  auto key = new_key(*made);
  auto before = made->attester()->certify(*key, kNonce);
  ASSERT_THAT(before, IsOk());
  tpm().reset();
  auto after = made->attester()->certify(*key, kNonce);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(before->statement.attestation_key, after->statement.attestation_key);
  EXPECT_NE(before->statement.attest, after->statement.attest);
}

TEST_F(AttesterTest, QualifyingDataHasALimit) {
  auto made = provider();
  auto key = new_key(*made);
  EXPECT_THAT(made->attester()->certify(*key, Bytes(64)), IsOk());
  EXPECT_THAT(made->attester()->certify(*key, Bytes(67)),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(made->attester()->quote(std::array{PcrSelection{psa::Hash::Sha256, {0}}}, Bytes(67)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(AttesterTest, AQuoteComesWithItsValues) {
  auto made = provider();
  const std::array selections = {PcrSelection{psa::Hash::Sha256, {0, 1, 7, 16, 23}},
                                 PcrSelection{psa::Hash::Sha384, {4, 17}}};
  auto quote = made->attester()->quote(selections, kNonce);
  ASSERT_THAT(quote, IsOk());
  ASSERT_EQ(quote->values.size(), 7U);
  EXPECT_EQ(quote->values[0], Bytes(32));
  EXPECT_EQ(quote->values[5], Bytes(48));
  EXPECT_EQ(quote->values[6], Bytes(48, std::byte{0xff})) << "as PC Client TPMs begin";
}

TEST_F(AttesterTest, ManyRegistersAreReadInSteps) {
  auto made = provider();
  PcrSelection all{psa::Hash::Sha256, {}};
  for (std::uint32_t i = 0; i < 24; ++i)
    all.registers.push_back(i);
  auto quote = made->attester()->quote(std::array{all}, kNonce);
  ASSERT_THAT(quote, IsOk());
  EXPECT_EQ(quote->values.size(), 24U);
}

TEST_F(AttesterTest, WhatTheTpmDoesNotHaveIsNotQuoted) {
  auto made = provider();
  auto status_of = [&](const PcrSelection& selection) {
    auto quote = made->attester()->quote(std::array{selection}, kNonce);
    return quote ? Status::Success : quote.error().status();
  };
  EXPECT_EQ(status_of({psa::Hash::Sha256, {24}}), Status::PsaErrorNotSupported);
  EXPECT_EQ(status_of({psa::Hash::Sha256, {4'000'000'000}}), Status::PsaErrorNotSupported);
  EXPECT_EQ(status_of({psa::Hash::Md5, {0}}), Status::PsaErrorNotSupported);
  EXPECT_THAT(made->attester()->quote({}, kNonce), FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(AttesterTest, RegistersThatChangeMeanwhileAreReadAgain) {
  auto made = provider();
  int changes = 2;
  faults.on_answer = [&](std::uint32_t code, Bytes& answer) {
    if (code == TPM2_CC_PCR_Read && changes-- > 0) answer.back() ^= std::byte{1};
  };
  const std::array selection = {PcrSelection{psa::Hash::Sha256, {16}}};
  EXPECT_THAT(made->attester()->quote(selection, kNonce), IsOk());
  changes = 1000;
  EXPECT_THAT(made->attester()->quote(selection, kNonce),
              FailsWith(Status::PsaErrorHardwareFailure));
  faults.on_answer = {};
}

}  // namespace
}  // namespace strongroom::tpm
