// Primitives that PSA or their standards call deprecated, and the padding that can be refused.
#include <chrono>
#include <string>
#include <thread>

#include "tests/conformance/service/key_uses.h"
#include "tests/conformance/service/service_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;
using Signature = psa::AsymmetricSignature;

constexpr Signature kPkcs1Md5{Signature::Kind::RsaPkcs1v15, psa::Hash::Md5};
constexpr psa::AsymmetricEncryption kPkcs1{psa::AsymmetricEncryption::Kind::RsaPkcs1v15,
                                           std::nullopt};

psa::KeyAttributes curve(psa::EccFamily family, std::uint32_t bits) {
  psa::KeyAttributes attributes = key_of(Kind::EccKeyPair, bits, testing::kEcdsaSha256);
  attributes.type.curve_family = family;
  return attributes;
}

// Each for another reason.
std::vector<psa::KeyAttributes> deprecated_keys() {
  using psa::EccFamily;
  using psa::Hash;
  return {
      key_of(Kind::RsaKeyPair, 1024, testing::kOaepSha256),
      key_of(Kind::RsaKeyPair, 2048, kPkcs1Md5),
      key_of(Kind::RsaKeyPair, 2048,
             psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, Hash::Sha1}),
      key_of(Kind::Hmac, 256, psa::Mac{psa::Mac::Kind::Hmac, Hash::Sha1, std::nullopt}),
      key_of(Kind::Derive, 256, psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, Hash::Md5}),
      key_of(Kind::Des, 64, psa::Cipher::CbcPkcs7),
      key_of(Kind::Des, 192, psa::Cipher::CbcPkcs7),
      key_of(Kind::Arc4, 128, psa::Cipher::StreamCipher),
      curve(EccFamily::SecpR2, 160),
      curve(EccFamily::SectK1, 163),
      curve(EccFamily::SectR1, 163),
      curve(EccFamily::SectR2, 163),
      curve(EccFamily::BrainpoolPR1, 160),
  };
}

std::string named(const psa::KeyAttributes& key) {
  return psa::to_string(key.type, key.bits) + " " + psa::to_string(key.algorithm);
}

TEST_P(ServiceConformance, DeprecatedKeysAreNotGeneratedAndThatIsToldFirst) {
  const psa::KeyAttributes pair = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256);
  ASSERT_TRUE(make(name("taken"), pair));
  for (const psa::KeyAttributes& key : deprecated_keys()) {
    SCOPED_TRACE(named(key));
    auto deprecated = FailsWith(Status::DeprecatedPrimitive);
    EXPECT_THAT(client().generate_key(name("key"), key), deprecated);
    EXPECT_THAT(client().generate_key(name("taken"), key), deprecated);
    EXPECT_THAT(client().generate_key("", key), deprecated);
    EXPECT_THAT(client().can_do_crypto(CryptoCheck::Generate, key),
                FailsWith(Status::PsaErrorNotSupported));
  }
}

// Old data must stay readable. Only the log complains.
TEST_P(ServiceConformance, DeprecatedKeysAreImportedWithAWarningAndWork) {
  const psa::KeyAttributes key = key_of(Kind::RsaKeyPair, 2048, kPkcs1Md5);
  if (!client().can_do_crypto(CryptoCheck::Import, key)) GTEST_SKIP() << "no import of RSA pairs";
  const std::string warning = "importing deprecated key '" + name("key");
  // The log takes so many such warnings a second, and cases before this one had theirs.
  for (int attempt = 0; !log_of(configuration()).contains(warning); ++attempt) {
    ASSERT_LT(attempt, 50) << "no warning";
    if (attempt > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      ASSERT_THAT(client().destroy_key(name("key")), IsOk());
    }
    ASSERT_THAT(client().import_key(name("key"), key, fixed_key(key.type, key.bits)), IsOk());
  }
  auto signature = client().sign_message(name("key"), kPkcs1Md5, view_of("text"));
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(client().verify_message(name("key"), kPkcs1Md5, view_of("text"), *signature), IsOk());
}

TEST_P(ServiceConformance, DeprecatedKeysAreGeneratedWhereTheyAreAllowed) {
  ServiceConfiguration allowing = configuration();
  allowing.allow_deprecated = true;
  Client allowed = client_of(allowing);
  for (const psa::KeyAttributes& key : deprecated_keys()) {
    SCOPED_TRACE(named(key));
    auto made = allowed.generate_key(name(named(key)), key);
    if (!made) {
      EXPECT_THAT(made, FailsWith(Status::PsaErrorNotSupported));
      EXPECT_FALSE(allowed.can_do_crypto(CryptoCheck::Generate, key));
      continue;
    }
    EXPECT_THAT(allowed.destroy_key(name(named(key))), IsOk());
  }
}

TEST_P(ServiceConformance, DecryptionWithPkcs1PaddingCanBeSwitchedOff) {
  ServiceConfiguration without = configuration();
  without.rsa_pkcs1v15_decryption = false;
  psa::KeyAttributes key = key_of(Kind::RsaKeyPair, 2048, kPkcs1);
  key.usage = {.encrypt = true, .decrypt = true};
  if (!client().can_do_crypto(CryptoCheck::Generate, key)) GTEST_SKIP() << "no PKCS#1 v1.5";
  ASSERT_TRUE(make(name("key"), key));
  auto here = client().asymmetric_encrypt(name("key"), kPkcs1, view_of("text"));
  ASSERT_THAT(here, IsOk());
  EXPECT_THAT(client().asymmetric_decrypt(name("key"), kPkcs1, *here), IsOk());

  Client refusing = client_of(without);
  ASSERT_THAT(refusing.generate_key(name("key"), key), IsOk());
  auto ciphertext = refusing.asymmetric_encrypt(name("key"), kPkcs1, view_of("text"));
  ASSERT_THAT(ciphertext, IsOk());
  EXPECT_THAT(refusing.asymmetric_decrypt(name("key"), kPkcs1, *ciphertext),
              FailsWith(Status::PsaErrorNotPermitted));
  // Before anything is learnt of the padding, and of whether there was any.
  EXPECT_THAT(refusing.asymmetric_decrypt(name("key"), kPkcs1, {}),
              FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(refusing.can_do_crypto(CryptoCheck::Use, key), IsOk());
  key.usage = {.decrypt = true};
  EXPECT_THAT(refusing.can_do_crypto(CryptoCheck::Use, key),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(refusing.destroy_key(name("key")), IsOk());
}

}  // namespace
}  // namespace strongroom::conformance
