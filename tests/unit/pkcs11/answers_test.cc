// Answers that no module may give.
#include <algorithm>

#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::List;
using Kind = psa::KeyType::Kind;

constexpr CK_ULONG kFar = 1UL << 40;

class AnswersTest : public testing::WithSoftHsm {
 protected:
  // The size that the function says last is another.
  template <auto Function>
  static void say_size(std::function<CK_ULONG(CK_ULONG)> change) {
    faults().on<Function>().instead(
        [change](auto real, auto session, auto in, auto in_size, auto out, CK_ULONG* size) {
          CK_RV code = real(session, in, in_size, out, size);
          *size = change(*size);
          return code;
        });
  }
  static KeyRecordPtr aes_key(Pkcs11Provider& made) {
    return new_key(made, testing::key_of(Kind::Aes, 128, psa::NoAlgorithm()));
  }
};

TEST_F(AnswersTest, SignaturesAreNoLongerThanTheirRoom) {
  auto made = provider();
  auto key = new_key(*made);
  for (CK_ULONG size : {0UL, 1UL, 63UL, 66UL, 1000UL, kFar, ~0UL}) {
    say_size<&List::C_Sign>([size](CK_ULONG) { return size; });
    EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCommunicationFailure)) << size;
  }
}

TEST_F(AnswersTest, RsaSignaturesAreAsLongAsTheModulus) {
  auto made = provider();
  psa::AsymmetricSignature pkcs1{psa::AsymmetricSignature::Kind::RsaPkcs1v15, psa::Hash::Sha256};
  auto key = new_key(*made, testing::key_of(Kind::RsaKeyPair, 1024, pkcs1));
  for (CK_ULONG size : {0UL, 127UL, 129UL, kFar}) {
    say_size<&List::C_Sign>([size](CK_ULONG) { return size; });
    EXPECT_THAT(made->signer()->sign_hash(*key, pkcs1, digest),
                FailsWith(Status::PsaErrorCommunicationFailure))
        << size;
  }
}

TEST_F(AnswersTest, TextsAreAsLongAsTheyMustBe) {
  auto made = provider();
  auto key = aes_key(*made);
  const Bytes nonce(12);
  const AeadInput input{.nonce = nonce, .additional_data = {}};
  auto ciphertext = made->aead()->encrypt(*key, testing::kAesGcm, input, digest);
  ASSERT_THAT(ciphertext, IsOk());
  auto stream = made->cipher()->encrypt(*key, psa::Cipher::Ctr, digest);
  ASSERT_THAT(stream, IsOk());
  for (CK_ULONG size : {0UL, 1UL, 31UL, kFar, ~0UL}) {
    say_size<&List::C_Encrypt>([size](CK_ULONG) { return size; });
    say_size<&List::C_Decrypt>([size](CK_ULONG) { return size; });
    EXPECT_THAT(made->aead()->encrypt(*key, testing::kAesGcm, input, digest),
                FailsWith(Status::PsaErrorCommunicationFailure));
    EXPECT_THAT(made->aead()->decrypt(*key, testing::kAesGcm, input, *ciphertext),
                FailsWith(Status::PsaErrorCommunicationFailure));
    EXPECT_THAT(made->cipher()->encrypt(*key, psa::Cipher::Ctr, digest),
                FailsWith(Status::PsaErrorCommunicationFailure));
    EXPECT_THAT(made->cipher()->decrypt(*key, psa::Cipher::Ctr, *stream),
                FailsWith(Status::PsaErrorCommunicationFailure));
  }
}

TEST_F(AnswersTest, MacsAreOfTheirLength) {
  auto made = provider();
  auto key = new_key(*made, testing::key_of(Kind::Hmac, 256, testing::kHmacSha256));
  for (CK_ULONG size : {0UL, 31UL, 33UL, kFar}) {
    say_size<&List::C_Sign>([size](CK_ULONG) { return size; });
    EXPECT_THAT(made->mac()->compute(*key, testing::kHmacSha256, digest),
                FailsWith(Status::PsaErrorCommunicationFailure));
  }
}

TEST_F(AnswersTest, AttributesAreNoLongerThanTheirRoom) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    first->ulValueLen = kFar;
    return code;
  });
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(made->keys()->export_key(*key), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(AnswersTest, NumbersAreNumbers) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (first->type == CKA_KEY_TYPE) first->ulValueLen = 3;
    return code;
  });
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(AnswersTest, ListsAreNoLongerThanTheirRoom) {
  faults().on<&List::C_GetSlotList>().instead([](auto, auto, CK_SLOT_ID*, CK_ULONG* count) {
    *count = kFar;
    return CKR_OK;
  });
  EXPECT_THAT(provider()->identity(), FailsWith(Status::PsaErrorCommunicationFailure));
  faults().forget();
  faults().on<&List::C_GetMechanismList>().instead([](auto, auto, auto*, CK_ULONG* count) {
    *count = kFar;
    return CKR_OK;
  });
  EXPECT_THAT(provider()->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorCommunicationFailure));
  faults().forget();
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_FindObjects>().instead([](auto, auto, auto*, auto, CK_ULONG* count) {
    *count = kFar;
    return CKR_OK;
  });
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(AnswersTest, ASearchComesToAnEnd) {
  auto made = provider();
  auto key = new_key(*made);
  faults().on<&List::C_FindObjects>().instead(
      [](auto, auto, CK_OBJECT_HANDLE* found, CK_ULONG room, CK_ULONG* count) {
        std::fill(found, found + room, 1);
        *count = room;
        return CKR_OK;
      });
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(AnswersTest, SharedSecretsAreOfTheirLength) {
  auto made = provider();
  auto key = new_key(*made, testing::ecc_pair(testing::kRawEcdh));
  EXPECT_THAT(made->supports(Capability::Use, key->attributes), IsOk());
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (first->type == CKA_VALUE) first->ulValueLen = 0;
    return code;
  });
  EXPECT_THAT(made->key_agreer()->agree(*key, psa::RawKeyAgreement::Ecdh, key->public_key),
              FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(AnswersTest, PublicKeysAreOfTheSizeThatWasAskedFor) {
  auto made = provider();
  faults().on<&List::C_GetAttributeValue>().instead([](auto real, CK_SESSION_HANDLE session,
                                                       CK_OBJECT_HANDLE object, CK_ATTRIBUTE* first,
                                                       CK_ULONG count) {
    CK_RV code = real(session, object, first, count);
    if (first->type == CKA_MODULUS || first->type == CKA_EC_POINT) first->ulValueLen /= 2;
    return code;
  });
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(
      made->keys()->generate(testing::key_of(Kind::RsaKeyPair, 1024, psa::NoAlgorithm()), {}),
      FailsWith(Status::PsaErrorCommunicationFailure));
}

}  // namespace
}  // namespace strongroom::pkcs11
