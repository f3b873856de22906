// What only this provider does; what all do is in tests/conformance/.
#include "providers/tpm/tpm_provider.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "providers/software/openssl_handles.h"
#include "tests/support/attributes.h"
#include "tests/support/hex.h"
#include "tests/support/stored_key.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::stored;

Bytes pkcs1_of(EVP_PKEY* pair) {
  unsigned char* raw = nullptr;
  const int size = i2d_PrivateKey(pair, &raw);
  Bytes der = copy_of(std::as_bytes(std::span(raw, static_cast<std::size_t>(size))));
  OPENSSL_free(raw);
  return der;
}

Bytes pss_of(EVP_PKEY* pair, ByteView digest, int salt) {
  const software::Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(pair, nullptr));
  Bytes signature(256);
  std::size_t size = signature.size();
  EXPECT_EQ(EVP_PKEY_sign_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), salt), 1);
  EXPECT_EQ(EVP_PKEY_sign(context.get(), octets(MutableByteView(signature)), &size, octets(digest),
                          digest.size()),
            1);
  return signature;
}

class TpmProviderTest : public testing::WithSwTpm {
 protected:
  std::unique_ptr<TpmProvider> provider(RootType root = RootType::EccP256) {
    TpmProvider::Settings settings;
    settings.root = root;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    auto made = TpmProvider::create("tpm", std::move(settings));
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static KeyRecordPtr new_key(TpmProvider& provider, std::uint64_t serial = 1) {
    auto key = provider.keys()->generate(testing::ecc_pair(), {});
    EXPECT_THAT(key, IsOk());
    return stored(*std::move(key), serial);
  }

  testing::Faults faults;
  const Bytes digest = Bytes(32, std::byte{0x5d});
};

TEST_F(TpmProviderTest, KeysOutliveTheProviderAndAReset) {
  auto key = new_key(*provider());
  tpm().reset();
  auto again = provider();
  auto signature = again->signer()->sign_hash(*key, testing::kEcdsaSha256, digest);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(again->signer()->verify_hash(*key, testing::kEcdsaSha256, digest, *signature),
              IsOk());
}

// The salt of the session and the wrapping of what comes from outside are RSA-OAEP then.
TEST_F(TpmProviderTest, UnderAnRsaRootPairsAndSecretsAreTakenInAndUsed) {
  auto made = provider(RootType::Rsa2048);
  auto pair = made->keys()->import(testing::ecc_pair(), Bytes(32, std::byte{0x11}));
  ASSERT_THAT(pair, IsOk());
  auto key = stored(*std::move(pair), 1);
  auto signature = made->signer()->sign_hash(*key, testing::kEcdsaSha256, digest);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(made->signer()->verify_hash(*key, testing::kEcdsaSha256, digest, *signature), IsOk());
  auto secret = made->keys()->import(
      testing::key_of(psa::KeyType::Kind::Hmac, 256, testing::kHmacSha256), digest);
  ASSERT_THAT(secret, IsOk());
  auto hmac = stored(*std::move(secret), 2);
  auto mac = made->mac()->compute(*hmac, testing::kHmacSha256, Bytes(2000));
  ASSERT_THAT(mac, IsOk());
  EXPECT_THAT(made->mac()->verify(*hmac, testing::kHmacSha256, Bytes(2000), *mac), IsOk());
}

TEST_F(TpmProviderTest, PublicKeysOfEveryTypeAreTaken) {
  auto made = provider();
  const psa::KeyType ed25519{psa::KeyType::Kind::EccPublicKey, psa::EccFamily::TwistedEdwards};
  psa::KeyAttributes attributes{ed25519, 255, testing::kAllUsages, psa::NoAlgorithm()};
  // RFC 8032 §7.1, test 1.
  EXPECT_THAT(
      made->keys()->import(attributes, testing::from_hex("d75a980182b10ab7d54bfed3c964073a"
                                                         "0ee172f3daa62325af021a68f707511a")),
      IsOk());
  attributes.type.kind = psa::KeyType::Kind::EccKeyPair;
  EXPECT_THAT(made->keys()->import(attributes, Bytes(32, std::byte{7})),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(TpmProviderTest, PublicOperationsWorkWhileTheTpmIsAway) {
  auto made = provider();
  auto key = new_key(*made);
  auto signature = made->signer()->sign_hash(*key, testing::kEcdsaSha256, digest);
  ASSERT_THAT(signature, IsOk());
  tpm().kill();
  EXPECT_THAT(made->signer()->verify_hash(*key, testing::kEcdsaSha256, digest, *signature), IsOk());
  EXPECT_THAT(made->signer()->sign_hash(*key, testing::kEcdsaSha256, digest),
              FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(made->keys()->destroy(*key), IsOk());
  tpm().start();
}

TEST_F(TpmProviderTest, AProviderWithoutItsTpmIsMadeAndServesOnceItIsThere) {
  tpm().kill();
  auto made = provider();
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()),
              FailsWith(Status::PsaErrorHardwareFailure));
  tpm().start();
  EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
}

TEST_F(TpmProviderTest, TheTpmIsAskedForItsCapabilitiesOnce) {
  auto made = provider();
  ASSERT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
  faults.forget_sent();
  ASSERT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
  EXPECT_THAT(faults.sent(), ::testing::IsEmpty());
}

TEST_F(TpmProviderTest, DigestsOfAnyLengthAreSignedWithEcdsa) {
  auto made = provider();
  constexpr psa::AsymmetricSignature kAny{psa::AsymmetricSignature::Kind::EcdsaAny, std::nullopt};
  for (std::uint32_t bits : {192U, 224U, 256U, 384U, 521U}) {
    psa::KeyAttributes attributes = testing::ecc_pair(kAny);
    attributes.bits = bits;
    auto generated = made->keys()->generate(attributes, {});
    ASSERT_THAT(generated, IsOk()) << bits;
    auto key = stored(*std::move(generated), bits);
    for (std::size_t size : {1U, 16U, 20U, 28U, 32U, 48U, 64U}) {
      const Bytes hash(size, std::byte{0xd7});
      auto signature = made->signer()->sign_hash(*key, kAny, hash);
      ASSERT_THAT(signature, IsOk()) << bits << " " << size;
      EXPECT_THAT(made->signer()->verify_hash(*key, kAny, hash, *signature), IsOk())
          << bits << " " << size;
    }
  }
}

// FIPS 186-4 wants the one; TPM 2.0 r1.59 Part 1 §B.7 the other.
TEST_F(TpmProviderTest, PssSignaturesOfBothLengthsOfSaltThatTpmsDrawAreVerified) {
  constexpr psa::AsymmetricSignature kPss{psa::AsymmetricSignature::Kind::RsaPss,
                                          psa::Hash::Sha256};
  const software::Owned<EVP_PKEY> pair(EVP_RSA_gen(2048));
  const Bytes der = pkcs1_of(pair.get());
  auto made = provider();
  auto imported =
      made->keys()->import(testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kPss), der);
  ASSERT_THAT(imported, IsOk());
  auto key = stored(*std::move(imported), 1);
  for (int salt : {RSA_PSS_SALTLEN_DIGEST, RSA_PSS_SALTLEN_MAX, 20, 0}) {
    const Bytes signature = pss_of(pair.get(), digest, salt);
    auto verified = made->signer()->verify_hash(*key, kPss, digest, signature);
    if (salt < 0)
      EXPECT_THAT(verified, IsOk()) << salt;
    else
      EXPECT_THAT(verified, FailsWith(Status::PsaErrorInvalidSignature)) << salt;
    Bytes changed = signature;
    changed[7] ^= std::byte{1};
    EXPECT_THAT(made->signer()->verify_hash(*key, kPss, digest, changed),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
  auto own = made->signer()->sign_hash(*key, kPss, digest);
  ASSERT_THAT(own, IsOk());
  EXPECT_THAT(made->signer()->verify_hash(*key, kPss, digest, *own), IsOk());
}

TEST_F(TpmProviderTest, LabelsMustEndInNul) {
  auto made = provider();
  auto attributes = testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, testing::kOaepSha256);
  auto generated = made->keys()->generate(attributes, {});
  ASSERT_THAT(generated, IsOk());
  auto key = stored(*std::move(generated), 7);
  const Bytes good = {std::byte{'a'}, std::byte{0}};
  const Bytes bad = {std::byte{'a'}};
  const Bytes plaintext = bytes_of("secret");
  auto sealed = made->encrypter()->encrypt(*key, testing::kOaepSha256, plaintext, good);
  ASSERT_THAT(sealed, IsOk());
  auto opened = made->encrypter()->decrypt(*key, testing::kOaepSha256, *sealed, good);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(copy_of(opened->reveal()), plaintext);
  EXPECT_THAT(made->encrypter()->decrypt(*key, testing::kOaepSha256, *sealed, bad),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(made->encrypter()->encrypt(*key, testing::kOaepSha256, plaintext, bad),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_F(TpmProviderTest, PrivateKeysStayWhereTheyAre) {
  auto made = provider();
  EXPECT_THAT(made->keys()->export_key(*new_key(*made)), FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(TpmProviderTest, NoKeysAreGeneratedThatNothingCouldBeDoneWith) {
  auto provider = this->provider();
  psa::KeyAttributes attributes{.type = {psa::KeyType::Kind::Aes, std::nullopt},
                                .bits = 128,
                                .usage = {.encrypt = true, .decrypt = true},
                                .algorithm = psa::Aead{psa::Aead::Kind::Gcm, std::nullopt}};
  EXPECT_THAT(provider->keys()->generate(attributes, {}), FailsWith(Status::PsaErrorNotSupported));
  attributes.algorithm = psa::Cipher::Ctr;
  EXPECT_THAT(provider->keys()->generate(attributes, {}), IsOk());
}

TEST_F(TpmProviderTest, ADestroyedKeyLeavesItsSlot) {
  auto made = provider();
  auto key = new_key(*made);
  ASSERT_THAT(made->signer()->sign_hash(*key, testing::kEcdsaSha256, digest), IsOk());
  faults.forget_sent();
  ASSERT_THAT(made->keys()->destroy(*key), IsOk());
  ASSERT_THAT(made->random()->generate(1), IsOk());  // comes after it
  EXPECT_EQ(faults.count_of(TPM2_CC_FlushContext), 1U);
}

TEST_F(TpmProviderTest, RandomOfAnyLength) {
  auto made = provider();
  for (std::size_t size : {0U, 1U, 31U, 65U, 3000U}) {
    auto drawn = made->random()->generate(size);
    ASSERT_THAT(drawn, IsOk());
    EXPECT_EQ(drawn->size(), size);
  }
}

TEST_F(TpmProviderTest, MaterialOfAnotherTpmIsCorrupt) {
  auto key = new_key(*provider());
  tpm().replace();
  auto made = provider();
  EXPECT_THAT(made->signer()->sign_hash(*key, testing::kEcdsaSha256, digest),
              FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::tpm
