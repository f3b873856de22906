// What needs no secret is done without the token, but for what the token is known not to do.
#include "tests/support/pkcs11/kept_token.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::List;
using testing::stored;
using Kind = psa::KeyType::Kind;

constexpr auto kDown = Status::PsaErrorHardwareFailure;
constexpr psa::AsymmetricEncryption kOaepSha1{psa::AsymmetricEncryption::Kind::RsaOaep,
                                              psa::Hash::Sha1};

KeyRecordPtr public_half_of(KeptTokenProvider& kept, const KeyRecord& pair) {
  psa::KeyAttributes attributes = pair.attributes;
  attributes.type.kind = attributes.type.is_rsa() ? Kind::RsaPublicKey : Kind::EccPublicKey;
  auto imported = kept.keys()->import(attributes, pair.public_key);
  EXPECT_THAT(imported, IsOk());
  return imported ? stored(*std::move(imported), pair.serial + 100) : nullptr;
}

class WithoutTokenTest : public testing::WithSoftHsm {
 protected:
  void TearDown() override {
    kept.reset();
    WithSoftHsm::TearDown();
  }
  void start(Pkcs11Provider::Settings with = settings()) {
    auto made = testing::kept_token("token", std::move(with));
    ASSERT_THAT(made, IsOk());
    kept = *std::move(made);
  }
  // Keys, and what their token has said, of a process before.
  void make_keys() {
    auto before = provider();
    signing = new_key(*before);
    encrypting = stored(
        *before->keys()->generate(testing::key_of(Kind::RsaKeyPair, 1024, kOaepSha1), {}), 2);
    signature = *signature_of(*before, *signing);
  }

  void expect_verification(const KeyRecord& key) {
    Signer& signer = *kept->signer();
    EXPECT_THAT(signer.verify_hash(key, testing::kEcdsaSha256, digest, signature), IsOk());
    EXPECT_THAT(signer.verify_hash(key, testing::kEcdsaSha256, Bytes(32), signature),
                FailsWith(Status::PsaErrorInvalidSignature));
    EXPECT_THAT(signer.verify_message(key, testing::kEcdsaSha256, digest, signature),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
  // Of pairs and of public keys.
  void expect_what_needs_no_token() {
    expect_verification(*signing);
    const KeyRecordPtr verifying = public_half_of(*kept, *signing);
    ASSERT_NE(verifying, nullptr);
    expect_verification(*verifying);
    EXPECT_THAT(kept->supports(Capability::Use, verifying->attributes), IsOk());
    EXPECT_THAT(kept->keys()->destroy(*verifying), IsOk());
    const KeyRecordPtr half = public_half_of(*kept, *encrypting);
    EXPECT_THAT(kept->encrypter()->encrypt(*encrypting, kOaepSha1, digest, {}), IsOk());
    EXPECT_THAT(kept->encrypter()->encrypt(*half, kOaepSha1, digest, view_of("label")), IsOk());
    EXPECT_THAT(kept->hasher()->compute(psa::Hash::Sha256, digest), IsOk());
    EXPECT_THAT(kept->signer()->sign_hash(*signing, testing::kEcdsaSha256, digest),
                FailsWith(kDown));
  }

  std::unique_ptr<KeptTokenProvider> kept;
  KeyRecordPtr signing;
  KeyRecordPtr encrypting;
  Bytes signature;
};

TEST_F(WithoutTokenTest, PublicOperationsAreServedThoughNobodyHasSeenTheToken) {
  make_keys();
  tokens().take_away();
  start();
  expect_what_needs_no_token();
  tokens().put_back();
}

TEST_F(WithoutTokenTest, PublicOperationsAreServedThoughThePinIsRefused) {
  make_keys();
  auto with = settings();
  with.login.pin = [] { return SecretBuffer::copy_of(view_of("wrong")); };
  start(std::move(with));
  expect_what_needs_no_token();
}

TEST_F(WithoutTokenTest, PublicOperationsAreServedThoughTheModuleDoesNotLoad) {
  make_keys();
  auto with = settings();
  with.uri = "pkcs11:token=keys?module-path=/nonexistent.so";
  start(std::move(with));
  expect_what_needs_no_token();
}

TEST_F(WithoutTokenTest, APairVerifiesWhatItCouldHaveSignedWhereThatIsKnown) {
  make_keys();
  faults().on<&List::C_GetMechanismList>().instead(
      [](auto real, CK_SLOT_ID slot, CK_MECHANISM_TYPE* list, CK_ULONG* count) {
        CK_RV code = real(slot, list, count);
        if (list != nullptr) std::replace(list, list + *count, CKM_ECDSA, CKM_ECDSA_SHA1);
        return code;
      });
  start();
  const auto verify = [&] {
    return kept->signer()->verify_hash(*signing, testing::kEcdsaSha256, digest, signature);
  };
  EXPECT_THAT(verify(), FailsWith(Status::PsaErrorNotSupported));
  expect_verification(*public_half_of(*kept, *signing));
  tokens().take_away();
  EXPECT_THAT(verify(), FailsWith(Status::PsaErrorNotSupported)) << "as it was known before";
  tokens().put_back();
}

TEST_F(WithoutTokenTest, NothingIsEncryptedThatTheTokenIsKnownNotToDecrypt) {
  make_keys();
  start();
  Encrypter& encrypter = *kept->encrypter();
  EXPECT_THAT(encrypter.encrypt(*encrypting, kOaepSha1, digest, {}), IsOk());
  EXPECT_THAT(encrypter.encrypt(*encrypting, kOaepSha1, digest, view_of("label")),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(encrypter.encrypt(*encrypting, testing::kOaepSha256, digest, {}),
              FailsWith(Status::PsaErrorNotSupported));
  const KeyRecordPtr half = public_half_of(*kept, *encrypting);
  EXPECT_THAT(encrypter.encrypt(*half, testing::kOaepSha256, digest, view_of("label")), IsOk());
}

TEST_F(WithoutTokenTest, PublicKeysAreNotTheTokens) {
  make_keys();
  start();
  const int before = faults().on<&List::C_CreateObject>().count();
  expect_verification(*public_half_of(*kept, *signing));
  EXPECT_EQ(faults().on<&List::C_CreateObject>().count(), before);
}

}  // namespace
}  // namespace strongroom::pkcs11
