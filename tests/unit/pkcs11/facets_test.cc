// What tokens are given, where the conformance suite sees no more than the results.
#include <algorithm>

#include "providers/software/software_provider.h"
#include "tests/support/hex.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::List;
using testing::stored;
using Kind = psa::KeyType::Kind;

constexpr psa::Aead kCcm{psa::Aead::Kind::Ccm, 8};

class FacetsTest : public testing::WithSoftHsm {
 protected:
  // The token lists CCM, and does GCM with what CCM is given: SoftHSM has none.
  static void have_ccm(CcmParameters& seen) {
    faults().on<&List::C_GetMechanismList>().instead(
        [](auto real, CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
          CK_RV code = real(slot, list, count);
          if (list != nullptr) std::replace(list, list + *count, CKM_AES_GCM, CKM_AES_CCM);
          return code;
        });
    faults().on<&List::C_GetMechanismInfo>().instead(
        [](auto real, CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
          return real(slot, type == CKM_AES_CCM ? CKM_AES_GCM : type, info);
        });
    auto as_gcm = [&seen](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                          CK_OBJECT_HANDLE key) {
      if (mechanism->mechanism != CKM_AES_CCM || mechanism->ulParameterLen != sizeof seen)
        return CKR_MECHANISM_INVALID;
      seen = *static_cast<CcmParameters*>(mechanism->pParameter);
      CK_GCM_PARAMS parameters{seen.nonce,           seen.nonce_size,           seen.nonce_size * 8,
                               seen.additional_data, seen.additional_data_size, seen.tag_size * 8};
      CK_MECHANISM gcm{CKM_AES_GCM, &parameters, sizeof parameters};
      return real(session, &gcm, key);
    };
    faults().on<&List::C_EncryptInit>().instead(as_gcm);
    faults().on<&List::C_DecryptInit>().instead(as_gcm);
  }
};

TEST_F(FacetsTest, EdwardsKeysSignWhatSoftwareVerifies) {
  auto made = provider();
  auto key = new_key(*made, testing::ed25519_pair());
  ASSERT_NE(key, nullptr);
  auto signature = made->signer()->sign_message(*key, testing::kEddsa, digest);
  ASSERT_THAT(signature, IsOk());
  EXPECT_EQ(signature->size(), 64U);
  EXPECT_THAT(made->signer()->verify_message(*key, testing::kEddsa, digest, *signature), IsOk());
  signature->front() ^= std::byte{1};
  EXPECT_THAT(made->signer()->verify_message(*key, testing::kEddsa, digest, *signature),
              FailsWith(Status::PsaErrorInvalidSignature));
  EXPECT_THAT(made->signer()->sign_hash(*key, testing::kEddsa, digest),
              FailsWith(Status::PsaErrorInvalidArgument));
}

// RFC 8032 §7.1, test 2.
TEST_F(FacetsTest, EdwardsKeysAreImportedAndExportedAsTheyAre) {
  const Bytes secret = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  auto made = provider();
  auto taken = made->keys()->import(testing::ed25519_pair(), secret);
  ASSERT_THAT(taken, IsOk());
  auto key = stored(*std::move(taken), 1);
  EXPECT_EQ(to_hex(key->public_key),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  auto signature = made->signer()->sign_message(*key, testing::kEddsa, from_hex("72"));
  EXPECT_THAT(signature, IsOkAndHolds(from_hex(
                             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")));
  auto exported = made->keys()->export_key(*key);
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(copy_of(exported->reveal()), secret);
}

TEST_F(FacetsTest, AnEdwardsKeyOfAnotherPointIsNotUsed) {
  auto made = provider();
  auto key = new_key(*made, testing::ed25519_pair());
  auto other = new_key(*made, testing::ed25519_pair());
  auto mixed = stored({.attributes = key->attributes,
                       .material = *SecretBuffer::copy_of(key->material.reveal()),
                       .public_key = other->public_key},
                      2);
  EXPECT_THAT(made->signer()->sign_message(*mixed, testing::kEddsa, digest),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(FacetsTest, ATokenThatHasCcmIsToldThePlaintextsLengthBothWays) {
  CcmParameters seen{};
  have_ccm(seen);
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::Aes, 128, psa::NoAlgorithm()));
  EXPECT_THAT(made->supports(Capability::Use, testing::key_of(Kind::Aes, 128, kCcm)), IsOk());
  const Bytes nonce(13, std::byte{1});
  const Bytes data(5, std::byte{2});
  const AeadInput input{.nonce = nonce, .additional_data = data};
  auto ciphertext = made->aead()->encrypt(*key, kCcm, input, digest);
  ASSERT_THAT(ciphertext, IsOk());
  EXPECT_EQ(ciphertext->size(), digest.size() + 8);
  EXPECT_EQ(seen.data_size, digest.size());
  EXPECT_EQ(seen.nonce_size, nonce.size());
  EXPECT_EQ(seen.additional_data_size, data.size());
  EXPECT_EQ(seen.tag_size, 8U);
  seen = {};
  auto plaintext = made->aead()->decrypt(*key, kCcm, input, *ciphertext);
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_EQ(copy_of(plaintext->reveal()), digest);
  EXPECT_EQ(seen.data_size, digest.size());
}

TEST_F(FacetsTest, CcmTakesNoncesAndTextsThatGoTogether) {
  CcmParameters seen{};
  have_ccm(seen);
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::Aes, 128, psa::NoAlgorithm()));
  const Bytes text(1 << 16);
  EXPECT_THAT(made->supports(Capability::Use, testing::key_of(Kind::Aes, 128, kCcm)), IsOk());
  int before = faults().on<&List::C_EncryptInit>().count();
  for (std::size_t size : {6U, 13U, 14U}) {
    const Bytes nonce(size);
    EXPECT_THAT(made->aead()->encrypt(*key, kCcm, {.nonce = nonce, .additional_data = {}}, text),
                FailsWith(Status::PsaErrorInvalidArgument))
        << size;
  }
  EXPECT_EQ(faults().on<&List::C_EncryptInit>().count(), before);
}

// As SoftHSM on curves whose order is shorter than the field, and silently.
TEST_F(FacetsTest, ACurveOnWhichTheTokenComesToAnotherSecretIsNotOffered) {
  auto agreeing = testing::ecc_pair(testing::kRawEcdh);
  EXPECT_THAT(provider()->supports(Capability::Use, agreeing), IsOk());
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (first->type == CKA_VALUE) --first->ulValueLen;
    return code;
  });
  auto made = provider();
  EXPECT_THAT(made->supports(Capability::Use, agreeing), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
}

TEST_F(FacetsTest, TrialsLeaveNothingInTheToken) {
  auto made = provider();
  int before = faults().on<&List::C_DestroyObject>().count();
  EXPECT_THAT(made->supports(Capability::Use, testing::ecc_pair(testing::kRawEcdh)), IsOk());
  // Two pairs, the key to ask for OAEP with, and the secret.
  EXPECT_EQ(faults().on<&List::C_DestroyObject>().count(), before + 6);
}

// A bare point that begins as an OCTET STRING would: SoftHSM takes it for one.
TEST_F(FacetsTest, PeersAreTheSameHoweverTheirPointsBegin) {
  auto attributes = testing::ecc_pair(testing::kRawEcdh);
  attributes.bits = 224;
  auto made = provider();
  auto key = new_key(*made, attributes);
  auto software = SoftwareProvider::create("software");
  ASSERT_THAT(software, IsOk());
  KeyRecordPtr peer;
  do {
    peer = stored(*(*software)->keys()->generate(attributes, {}), 1);
  } while (std::to_integer<std::size_t>(peer->public_key[1]) != peer->public_key.size() - 2);
  constexpr auto kEcdh = psa::RawKeyAgreement::Ecdh;
  auto here = made->key_agreer()->agree(*key, kEcdh, peer->public_key);
  ASSERT_THAT(here, IsOk());
  auto there = (*software)->key_agreer()->agree(*peer, kEcdh, key->public_key);
  ASSERT_THAT(there, IsOk());
  EXPECT_EQ(copy_of(here->reveal()), copy_of(there->reveal()));
}

// SoftHSM takes no labels: it is told of none, and decrypts what was encrypted without.
TEST_F(FacetsTest, ATokenThatTakesLabelsOfOaepIsGivenThem) {
  std::string label;
  auto without = [&](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                     CK_OBJECT_HANDLE key) {
    auto parameters = *static_cast<CK_RSA_PKCS_OAEP_PARAMS*>(mechanism->pParameter);
    label.assign(static_cast<const char*>(parameters.pSourceData), parameters.ulSourceDataLen);
    parameters.pSourceData = nullptr;
    parameters.ulSourceDataLen = 0;
    CK_MECHANISM bare{mechanism->mechanism, &parameters, sizeof parameters};
    return real(session, &bare, key);
  };
  faults().on<&List::C_EncryptInit>().instead(without);
  faults().on<&List::C_DecryptInit>().instead(without);
  const psa::AsymmetricEncryption oaep{psa::AsymmetricEncryption::Kind::RsaOaep, psa::Hash::Sha1};
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::RsaKeyPair, 1024, oaep));
  auto ciphertext = made->encrypter()->encrypt(*key, oaep, digest, {});
  ASSERT_THAT(ciphertext, IsOk());
  auto plaintext = made->encrypter()->decrypt(*key, oaep, *ciphertext, view_of("label"));
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_EQ(copy_of(plaintext->reveal()), digest);
  EXPECT_EQ(label, "label");
}

// With zeros in front: 2^3 modulo a prime of 2048 bits.
TEST_F(FacetsTest, SharedNumbersAreAsLongAsThePrime) {
  constexpr psa::KeyAgreement kFfdh{psa::RawKeyAgreement::Ffdh, std::nullopt};
  Bytes three(256);
  three.back() = std::byte{3};
  auto made = provider();
  auto taken = made->keys()->import(testing::key_of(Kind::DhKeyPair, 2048, kFfdh), three);
  ASSERT_THAT(taken, IsOk());
  auto key = stored(*std::move(taken), 1);
  Bytes eight(256);
  eight.back() = std::byte{8};
  EXPECT_EQ(key->public_key, eight);
  Bytes two(256);
  two.back() = std::byte{2};
  auto secret = made->key_agreer()->agree(*key, kFfdh.raw, two);
  ASSERT_THAT(secret, IsOk());
  EXPECT_EQ(copy_of(secret->reveal()), eight);
  auto exported = made->keys()->export_key(*key);
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(copy_of(exported->reveal()), three);
}

TEST_F(FacetsTest, SecretsOfNoUseButKeepingAreKept) {
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::RawData, 256, psa::NoAlgorithm()));
  ASSERT_NE(key, nullptr);
  auto exported = made->keys()->export_key(*key);
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(exported->size(), 32U);
  auto again = made->keys()->import(key->attributes, exported->reveal());
  ASSERT_THAT(again, IsOk());
  auto once_more = made->keys()->export_key(*stored(*std::move(again), 2));
  ASSERT_THAT(once_more, IsOk());
  EXPECT_EQ(copy_of(once_more->reveal()), copy_of(exported->reveal()));
}

}  // namespace
}  // namespace strongroom::pkcs11
