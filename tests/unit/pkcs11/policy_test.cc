// What a key may not do by its policy, the token does not do either.
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::is_true;
using testing::IsOk;
using testing::List;
using testing::stored;
using Kind = psa::KeyType::Kind;

class KeyPolicyTest : public testing::WithSoftHsm {
 protected:
  using Attributes = std::map<CK_ATTRIBUTE_TYPE, Bytes>;

  // Of the private half.
  Attributes template_of(Pkcs11Provider& made, const psa::KeyAttributes& attributes) {
    Attributes all;
    faults().on<&List::C_GenerateKeyPair>().instead(
        [&](auto real, CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first,
            CK_ULONG first_count, CK_ATTRIBUTE* second, CK_ULONG second_count, auto... handles) {
          all = testing::attributes_of(second, second_count);
          return real(session, mechanism, first, first_count, second, second_count, handles...);
        });
    auto key = new_key(made, attributes);
    EXPECT_NE(key, nullptr);
    return all;
  }
  Attributes secret_template_of(Pkcs11Provider& made, const psa::KeyAttributes& attributes) {
    Attributes all;
    faults().on<&List::C_GenerateKey>().instead([&](auto real, CK_SESSION_HANDLE session,
                                                    CK_MECHANISM* mechanism, CK_ATTRIBUTE* first,
                                                    CK_ULONG count, auto handle) {
      all = testing::attributes_of(first, count);
      return real(session, mechanism, first, count, handle);
    });
    EXPECT_NE(new_key(made, attributes), nullptr);
    return all;
  }
};

TEST_F(KeyPolicyTest, OnlyKeysToBeExportedCanLeaveTheToken) {
  auto made = provider();
  auto kept = template_of(*made, testing::ecc_pair(testing::kEcdsaSha256, {.sign_hash = true}));
  EXPECT_TRUE(is_true(kept[CKA_SENSITIVE]));
  EXPECT_FALSE(is_true(kept[CKA_EXTRACTABLE]));
  EXPECT_TRUE(is_true(kept[CKA_PRIVATE]));
  EXPECT_TRUE(is_true(kept[CKA_TOKEN]));
  auto leaving = template_of(*made, testing::ecc_pair());
  EXPECT_FALSE(is_true(leaving[CKA_SENSITIVE]));
  EXPECT_TRUE(is_true(leaving[CKA_EXTRACTABLE]));
}

TEST_F(KeyPolicyTest, UsesAreThoseOfThePolicy) {
  auto made = provider();
  auto signing = template_of(*made, testing::ecc_pair(testing::kEcdsaSha256, {.sign_hash = true}));
  EXPECT_TRUE(is_true(signing[CKA_SIGN]));
  EXPECT_FALSE(is_true(signing[CKA_DERIVE]));
  auto agreeing = template_of(*made, testing::ecc_pair(testing::kRawEcdh, {.derive = true}));
  EXPECT_FALSE(is_true(agreeing[CKA_SIGN]));
  EXPECT_TRUE(is_true(agreeing[CKA_DERIVE]));
  auto attributes = testing::key_of(Kind::Aes, 256, testing::kAesGcm);
  attributes.usage = {.encrypt = true};
  auto encrypting = secret_template_of(*made, attributes);
  EXPECT_TRUE(is_true(encrypting[CKA_ENCRYPT]));
  EXPECT_FALSE(is_true(encrypting[CKA_DECRYPT]));
  EXPECT_FALSE(is_true(encrypting[CKA_SIGN]));
}

TEST_F(KeyPolicyTest, TheMechanismIsThatOfThePolicy) {
  auto made = provider();
  CK_MECHANISM_TYPE ecdsa = CKM_ECDSA;
  auto signing = template_of(*made, testing::ecc_pair());
  EXPECT_EQ(signing[CKA_ALLOWED_MECHANISMS], copy_of(std::as_bytes(std::span(&ecdsa, 1))));
  CK_MECHANISM_TYPE gcm = CKM_AES_GCM;
  auto encrypting = secret_template_of(*made, testing::key_of(Kind::Aes, 128, testing::kAesGcm));
  EXPECT_EQ(encrypting[CKA_ALLOWED_MECHANISMS], copy_of(std::as_bytes(std::span(&gcm, 1))));
}

TEST_F(KeyPolicyTest, TheTokenItselfHoldsKeysToTheirMechanism) {
  auto made = provider();
  auto key = new_key(*made, testing::ecc_pair(testing::kRawEcdh));
  EXPECT_THAT(signature_of(*made, *key), ::testing::Not(IsOk()));
}

TEST_F(KeyPolicyTest, NothingIsMadeToBeExportedUnlessThatIsAllowed) {
  auto settings = WithSoftHsm::settings();
  settings.creation.allow_export = false;
  auto made = provider(std::move(settings));
  EXPECT_THAT(made->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorNotSupported));
  auto kept = testing::ecc_pair(testing::kEcdsaSha256, {.sign_hash = true});
  EXPECT_THAT(made->supports(Capability::Generate, kept), IsOk());
  EXPECT_THAT(made->keys()->generate(kept, {}), IsOk());
}

TEST_F(KeyPolicyTest, NoExportOnceThatIsAllowedNoLonger) {
  auto key = new_key(*provider());
  EXPECT_THAT(provider()->keys()->export_key(*key), IsOk());
  auto settings = WithSoftHsm::settings();
  settings.creation.allow_export = false;
  EXPECT_THAT(provider(std::move(settings))->keys()->export_key(*key),
              FailsWith(Status::PsaErrorNotPermitted));
}

// A record that says more than the object was made for.
TEST_F(KeyPolicyTest, TheTokenKeepsASensitiveKeyWhateverTheRecordSays) {
  auto made = provider();
  for (Kind kind : {Kind::RsaKeyPair, Kind::Aes, Kind::Hmac}) {
    auto attributes =
        testing::key_of(kind, kind == Kind::RsaKeyPair ? 1024 : 256, psa::NoAlgorithm());
    attributes.usage.may_export = false;
    auto key = made->keys()->generate(attributes, {});
    ASSERT_THAT(key, IsOk());
    key->attributes.usage.may_export = true;
    EXPECT_THAT(made->keys()->export_key(*stored(*std::move(key), 1)),
                FailsWith(Status::PsaErrorNotPermitted));
  }
}

}  // namespace
}  // namespace strongroom::pkcs11
