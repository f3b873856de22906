// Keys that others have made in the token are served and ended by what they are.
#include <algorithm>

#include "providers/pkcs11/objects/key_material.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::List;
using ::testing::SizeIs;
using testing::stored;
using Kind = psa::KeyType::Kind;

constexpr psa::AsymmetricSignature kPkcs1Sha256{psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                                psa::Hash::Sha256};
const ObjectId kId = {std::byte{0xf8}, std::byte{0x69}, std::byte{0xe2}, std::byte{0x48}};

class ForeignKeysTest : public testing::WithSoftHsm {
 protected:
  void TearDown() override {
    if (!IsSkipped()) {
      faults().forget();
      auto made = provider();
      for (const KeyRecordPtr& key : others_)
        std::ignore = made->keys()->destroy(*key);
    }
    WithSoftHsm::TearDown();
  }

  static psa::KeyAttributes rsa_pair() {
    return testing::key_of(Kind::RsaKeyPair, 2048, kPkcs1Sha256);
  }

  // As another program makes a pair: with its own id and without a label of ours.
  void make_as_others_do(Pkcs11Provider& made, const psa::KeyAttributes& attributes,
                         const ObjectId& id = kId) {
    auto as_others = [&](CK_ATTRIBUTE* first, CK_ULONG count) {
      for (CK_ATTRIBUTE& each : std::span(first, count)) {
        if (each.type == CKA_LABEL) each.ulValueLen = 0;
        if (each.type != CKA_ID) continue;
        each.pValue = const_cast<std::byte*>(id.data());
        each.ulValueLen = static_cast<CK_ULONG>(id.size());
      }
    };
    faults().on<&List::C_GenerateKeyPair>().instead(
        [&](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* publics,
            CK_ULONG public_count, CK_ATTRIBUTE* privates, CK_ULONG private_count,
            CK_OBJECT_HANDLE* public_key, CK_OBJECT_HANDLE* private_key) {
          as_others(publics, public_count);
          as_others(privates, private_count);
          return real(session, mechanism, publics, public_count, privates, private_count,
                      public_key, private_key);
        });
    auto key = new_key(made, attributes);
    faults().forget();
    auto material = SecretBuffer::copy_of(foreign_to_stored(id)->reveal());
    others_.push_back(stored({.attributes = key->attributes,
                              .material = *std::move(material),
                              .public_key = key->public_key},
                             1));
  }
  const KeyRecord& latest() const { return *others_.back(); }

  std::vector<KeyRecordPtr> others_;
};

TEST_F(ForeignKeysTest, AreTakenOverWithTheirPublicKeyAndSign) {
  auto made = provider();
  for (const psa::KeyAttributes& attributes : {testing::ecc_pair(), rsa_pair()}) {
    SCOPED_TRACE(to_string(attributes.type, attributes.bits));
    make_as_others_do(*made, attributes);
    auto taken = made->token_keys().take_over(kId, attributes);
    ASSERT_THAT(taken, IsOk());
    EXPECT_EQ(taken->public_key, latest().public_key);
    auto key = stored(*std::move(taken), 2);
    EXPECT_TRUE(is_foreign(key->material));
    const bool is_rsa = attributes.type.is_rsa();
    auto scheme = is_rsa ? kPkcs1Sha256 : testing::kEcdsaSha256;
    auto signature = made->signer()->sign_hash(*key, scheme, digest);
    ASSERT_THAT(signature, IsOk());
    EXPECT_THAT(made->signer()->verify_hash(*key, scheme, digest, *signature), IsOk());
    EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  }
}

TEST_F(ForeignKeysTest, AreNoneOfThisServices) {
  auto made = provider();
  auto before = ids_in_token(*made);
  make_as_others_do(*made, testing::ecc_pair());
  EXPECT_THAT(ids_in_token(*made), IsOkAndHolds(*before));
}

TEST_F(ForeignKeysTest, ThatAreNotThereAreNotTakenOver) {
  EXPECT_THAT(provider()->token_keys().take_over(kId, testing::ecc_pair()),
              FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(ForeignKeysTest, OfAnotherTypeOrSizeAreNotTakenOver) {
  auto made = provider();
  make_as_others_do(*made, testing::ecc_pair());
  psa::KeyAttributes larger = testing::ecc_pair();
  larger.bits = 384;
  EXPECT_THAT(made->token_keys().take_over(kId, larger),
              FailsWith(Status::PsaErrorCommunicationFailure));
  auto taken = made->token_keys().take_over(kId, rsa_pair());
  EXPECT_FALSE(taken.has_value());
}

TEST_F(ForeignKeysTest, SeveralOfOneIdAreNotTakenOver) {
  auto made = provider();
  make_as_others_do(*made, testing::ecc_pair());
  make_as_others_do(*made, testing::ecc_pair());
  EXPECT_THAT(made->token_keys().take_over(kId, testing::ecc_pair()),
              FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(made->keys()->destroy(latest()), FailsWith(Status::PsaErrorDataCorrupt));
  tokens().replace();
}

TEST_F(ForeignKeysTest, DestroyedOnesLeaveNothingAndMayBeDestroyedAgain) {
  auto made = provider();
  make_as_others_do(*made, rsa_pair());
  EXPECT_THAT(made->keys()->destroy(latest()), IsOk());
  EXPECT_THAT(made->token_keys().take_over(kId, rsa_pair()),
              FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(made->keys()->destroy(latest()), IsOk());
}

TEST_F(ForeignKeysTest, AnotherKeyOfTheirIdIsNotDestroyed) {
  auto made = provider();
  make_as_others_do(*made, testing::ecc_pair());
  auto old = others_.back();
  EXPECT_THAT(made->keys()->destroy(*old), IsOk());
  make_as_others_do(*made, testing::ecc_pair());
  EXPECT_THAT(made->keys()->destroy(*old), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(made->token_keys().take_over(kId, testing::ecc_pair()), IsOk());
  make_as_others_do(*made, rsa_pair(), {std::byte{7}});
  auto rsa_of_the_id = stored({.attributes = rsa_pair(),
                               .material = *foreign_to_stored(kId),
                               .public_key = latest().public_key},
                              3);
  EXPECT_THAT(made->keys()->destroy(*rsa_of_the_id), IsOk());
  EXPECT_THAT(made->token_keys().take_over(kId, testing::ecc_pair()), IsOk());
}

TEST_F(ForeignKeysTest, APublicKeyIsTheRecordsAndItsObjectStays) {
  auto made = provider();
  make_as_others_do(*made, testing::ecc_pair());
  psa::KeyAttributes half = testing::ecc_pair();
  half.type.kind = Kind::EccPublicKey;
  auto taken = made->token_keys().take_over(kId, half);
  ASSERT_THAT(taken, IsOk());
  EXPECT_TRUE(taken->material.is_empty());
  EXPECT_EQ(taken->public_key, latest().public_key);
  EXPECT_THAT(made->keys()->destroy(*stored(*std::move(taken), 2)), IsOk());
  EXPECT_THAT(made->token_keys().take_over(kId, half), IsOk());
}

TEST(KeyMaterialTest, IdsOfOthersAreKeptApartFromOurOwn) {
  auto stored_own = new_material();
  auto foreign = foreign_to_stored(kId);
  ASSERT_THAT(stored_own, IsOk());
  ASSERT_THAT(foreign, IsOk());
  EXPECT_FALSE(is_foreign(*stored_own));
  EXPECT_TRUE(is_foreign(*foreign));
  auto own = from_stored(*stored_own);
  ASSERT_THAT(own, IsOkAndHolds(SizeIs(kOwnIdSize)));
  EXPECT_TRUE(*to_stored(*own) == *stored_own);
  EXPECT_THAT(from_stored(*foreign), IsOkAndHolds(kId));
  EXPECT_FALSE(is_foreign(SecretBuffer()));
}

TEST(KeyMaterialTest, OtherFormsAreRefused) {
  EXPECT_THAT(to_stored(kId), FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(foreign_to_stored({}), FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(foreign_to_stored(ObjectId(kLongestForeignId + 1)),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(from_stored(SecretBuffer()), FailsWith(Status::PsaErrorDataCorrupt));
  for (const Bytes& wrong : {Bytes{std::byte{1}, std::byte{5}}, Bytes{std::byte{2}},
                             Bytes(33, std::byte{3}), Bytes(32, std::byte{1})})
    EXPECT_THAT(from_stored(*SecretBuffer::copy_of(wrong)), FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::pkcs11
