// Keys are found by their id, and are the recorded ones or none.
#include <cstring>
#include <thread>

#include "providers/pkcs11/objects/key_material.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::Contains;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::List;
using ::testing::Not;
using testing::stored;
using Kind = psa::KeyType::Kind;

constexpr psa::AsymmetricSignature kPkcs1Sha256{psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                                psa::Hash::Sha256};

class KeysTest : public testing::WithSoftHsm {
 protected:
  static psa::KeyAttributes rsa_pair() {
    return testing::key_of(Kind::RsaKeyPair, 1024, kPkcs1Sha256);
  }
  static psa::KeyAttributes ecdh_pair() { return testing::ecc_pair(testing::kRawEcdh); }

  // Another key in the place of one, with the record of the old one.
  static KeyRecordPtr replaced(Pkcs11Provider& made, const psa::KeyAttributes& attributes) {
    auto key = new_key(made, attributes);
    EXPECT_THAT(made.keys()->destroy(*key), IsOk());
    auto material = SecretBuffer::copy_of(key->material.reveal());
    EXPECT_THAT(made.keys()->generate(attributes, {}, *std::move(material)), IsOk());
    return key;
  }
  static void hide_public_objects() {
    faults().on<&List::C_FindObjectsInit>().instead(
        [](auto real, CK_SESSION_HANDLE session, CK_ATTRIBUTE* first, CK_ULONG count) {
          auto all = testing::attributes_of(first, count);
          CK_ULONG hidden = 0x7fff;
          auto found = all.find(CKA_CLASS);
          CK_ULONG public_key = CKO_PUBLIC_KEY;
          bool is_public = found != all.end() &&
                           std::memcmp(found->second.data(), &public_key, sizeof public_key) == 0;
          CK_ATTRIBUTE none{CKA_CLASS, &hidden, sizeof hidden};
          return is_public ? real(session, &none, 1) : real(session, first, count);
        });
  }
};

TEST_F(KeysTest, OutliveTheirProvider) {
  auto key = new_key(*provider());
  auto again = provider();
  auto signature = signature_of(*again, *key);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(again->signer()->verify_hash(*key, testing::kEcdsaSha256, digest, *signature),
              IsOk());
}

// SoftHSM has OAEP with SHA-1 alone.
TEST_F(KeysTest, AreNotGeneratedForWhatTheTokenDoesNot) {
  auto made = provider();
  psa::KeyAttributes attributes =
      testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, testing::kOaepSha256);
  EXPECT_THAT(made->keys()->generate(attributes, {}), FailsWith(Status::PsaErrorNotSupported));
  attributes.algorithm =
      psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, psa::Hash::Sha1};
  EXPECT_THAT(made->keys()->generate(attributes, {}), IsOk());
}

TEST_F(KeysTest, AreListedByTheirIdsUntilTheyAreDestroyed) {
  auto made = provider();
  auto key = new_key(*made);
  auto id = from_stored(key->material);
  ASSERT_THAT(id, IsOk());
  EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(Contains(*id)));
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(Not(Contains(*id))));
}

TEST_F(KeysTest, OfAnotherLabelAreNotListed) {
  auto settings = WithSoftHsm::settings();
  settings.creation.label = "another service";
  auto key = new_key(*provider(std::move(settings)));
  auto id = from_stored(key->material);
  ASSERT_THAT(id, IsOk());
  EXPECT_THAT(ids_in_token(*provider()), IsOkAndHolds(Not(Contains(*id))));
}

TEST_F(KeysTest, DestroyedOnesAreGoneAndMayBeDestroyedAgain) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(KeysTest, AreNotDestroyedWhileTheTokenIsAway) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_FindObjectsInit>().refuse(CKR_DEVICE_REMOVED, 2);
  EXPECT_THAT(made->keys()->destroy(*key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
}

TEST_F(KeysTest, DestroyedByOthersAreMissed) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  ASSERT_THAT(provider()->keys()->destroy(*key), IsOk());
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(KeysTest, AreNotMissedWhileTheTokenIsAway) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(provider()->keys()->destroy(*key), IsOk());
  faults().on<&List::C_GetTokenInfo>().refuse(CKR_TOKEN_NOT_PRESENT, 4);
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
}

TEST_F(KeysTest, AHandleThatIsOfNoObjectIsLookedForAnew) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  int before = faults().on<&List::C_SignInit>().count();
  faults().on<&List::C_SignInit>().refuse(CKR_KEY_HANDLE_INVALID);
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(faults().on<&List::C_SignInit>().count(), before + 2);
}

TEST_F(KeysTest, AHandleThatIsOfAnotherObjectIsNotUsedForLong) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  std::this_thread::sleep_for(KeyObjects::kTrusted + std::chrono::milliseconds(50));
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (first->type == CKA_ID) static_cast<unsigned char*>(first->pValue)[0] ^= 1;
    return code;
  });
  int before = faults().on<&List::C_FindObjects>().count();
  EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_GT(faults().on<&List::C_FindObjects>().count(), before);
}

TEST_F(KeysTest, HandlesAreKeptBetweenUses) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(signature_of(*made, *key), IsOk());
  int before = faults().on<&List::C_FindObjectsInit>().count();
  for (int i = 0; i < 5; ++i)
    ASSERT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(faults().on<&List::C_FindObjectsInit>().count(), before);
}

TEST_F(KeysTest, AnotherModulusUnderTheIdIsRefused) {
  auto made = provider();
  auto key = replaced(*made, rsa_pair());
  EXPECT_THAT(made->signer()->sign_hash(*key, kPkcs1Sha256, digest),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(KeysTest, AnotherPointUnderTheIdIsRefused) {
  auto made = provider();
  auto key = replaced(*made, testing::ecc_pair());
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(KeysTest, AnotherPrivateKeyDoesNotSignWherePointsAreNotToBeSeen) {
  auto made = provider();
  auto key = replaced(*made, testing::ecc_pair());
  hide_public_objects();
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCorruptionDetected));
}

TEST_F(KeysTest, AnotherPrivateKeyDoesNotAgreeWherePointsAreNotToBeSeen) {
  auto made = provider();
  auto key = replaced(*made, ecdh_pair());
  hide_public_objects();
  auto peer = new_key(*made, ecdh_pair());
  EXPECT_THAT(made->key_agreer()->agree(*key, psa::RawKeyAgreement::Ecdh, peer->public_key),
              FailsWith(Status::PsaErrorCorruptionDetected));
  EXPECT_THAT(made->key_agreer()->agree(*peer, psa::RawKeyAgreement::Ecdh, key->public_key),
              IsOk());
}

TEST_F(KeysTest, AKeyOfAnotherTypeOrSizeUnderTheIdIsRefused) {
  auto made = provider();
  const psa::Aead gcm = testing::kAesGcm;
  auto key = replaced(*made, testing::key_of(Kind::Aes, 256, gcm));
  ASSERT_THAT(made->keys()->destroy(*key), IsOk());
  auto material = SecretBuffer::copy_of(key->material.reveal());
  ASSERT_THAT(
      made->keys()->generate(testing::key_of(Kind::Aes, 128, gcm), {}, *std::move(material)),
      IsOk());
  EXPECT_THAT(made->aead()->encrypt(*key, gcm, {.nonce = Bytes(12), .additional_data = {}}, {}),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(KeysTest, TwoObjectsOfOneIdAreRefused) {
  auto made = provider();
  auto key = new_key(*made);
  auto material = SecretBuffer::copy_of(key->material.reveal());
  ASSERT_THAT(made->keys()->generate(testing::ecc_pair(), {}, *std::move(material)), IsOk());
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(KeysTest, MaterialThatIsNoIdIsCorrupt) {
  auto made = provider();
  auto key = new_key(*made);
  KeyRecord other{
      .id = {}, .attributes = key->attributes, .material = {}, .public_key = key->public_key};
  EXPECT_THAT(signature_of(*made, other), FailsWith(Status::PsaErrorDataCorrupt));
  other.material = *SecretBuffer::of_size(33);
  EXPECT_THAT(signature_of(*made, other), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(KeysTest, AnImportThatFailsHalfwayLeavesNothing) {
  auto made = provider();
  auto pair = new_key(*made);
  auto data = made->keys()->export_key(*pair);
  ASSERT_THAT(data, IsOk());
  auto before = ids_in_token(*made);
  int objects = 0;
  faults().on<&List::C_CreateObject>().instead(
      [&](auto real, auto... rest) { return ++objects == 2 ? CKR_DEVICE_MEMORY : real(rest...); });
  EXPECT_THAT(made->keys()->import(testing::ecc_pair(), data->reveal()),
              FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(*before));
}

TEST_F(KeysTest, AGeneratedKeyThatIsNoneIsNotKept) {
  auto made = provider();
  auto before = ids_in_token(*made);
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    // Off the curve.
    if (first->type == CKA_EC_POINT) static_cast<unsigned char*>(first->pValue)[60] ^= 1;
    return code;
  });
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorHardwareFailure));
  faults().forget();
  EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(*before));
}

}  // namespace
}  // namespace strongroom::pkcs11
