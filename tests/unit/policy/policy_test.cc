#include "service/policy/policy.h"

#include <vector>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using psa::Algorithm;
using psa::EccFamily;
using psa::Hash;
using Kind = psa::KeyType::Kind;
using SignatureKind = psa::AsymmetricSignature::Kind;
using testing::FailsWith;
using testing::IsOk;

constexpr psa::AsymmetricSignature signature(SignatureKind kind, std::optional<Hash> hash = {}) {
  return {.kind = kind, .hash = hash};
}
constexpr psa::AsymmetricSignature kEcdsaSha256 = signature(SignatureKind::Ecdsa, Hash::Sha256);
constexpr psa::AsymmetricSignature kEcdsaWildcard = signature(SignatureKind::Ecdsa);
constexpr psa::AsymmetricSignature kEcdsaAny = signature(SignatureKind::EcdsaAny);
constexpr psa::Aead kGcm{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = {}};
constexpr psa::Aead kGcmTag16{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = 16};
constexpr psa::Aead kChacha{.kind = psa::Aead::Kind::Chacha20Poly1305, .shortened_tag_size = {}};
constexpr psa::Mac kHmac{.kind = psa::Mac::Kind::Hmac, .hash = Hash::Sha256, .truncated_size = {}};
constexpr psa::Mac kHmac16{
    .kind = psa::Mac::Kind::Hmac, .hash = Hash::Sha256, .truncated_size = 16};
constexpr psa::Mac kCmac{.kind = psa::Mac::Kind::Cmac, .hash = {}, .truncated_size = {}};
constexpr psa::AsymmetricEncryption kOaep{.kind = psa::AsymmetricEncryption::Kind::RsaOaep,
                                          .hash = Hash::Sha256};
constexpr psa::KeyDerivation kHkdf{.kind = psa::KeyDerivation::Kind::Hkdf, .hash = Hash::Sha256};
constexpr psa::KeyAgreement kEcdh{.raw = psa::RawKeyAgreement::Ecdh, .derivation = {}};
constexpr psa::KeyAgreement kEcdhHkdf{.raw = psa::RawKeyAgreement::Ecdh, .derivation = kHkdf};
constexpr psa::KeyAgreement kFfdh{.raw = psa::RawKeyAgreement::Ffdh, .derivation = {}};

psa::KeyType type_of(Kind kind) {
  psa::KeyType type{.kind = kind, .curve_family = {}};
  if (type.is_ecc()) type.curve_family = EccFamily::SecpR1;
  return type;
}

psa::KeyAttributes attributes(psa::KeyType type, std::uint32_t bits, Algorithm algorithm) {
  return {.type = type, .bits = bits, .usage = {}, .algorithm = algorithm};
}

psa::KeyAttributes ecc_on(EccFamily family, std::uint32_t bits, Kind kind) {
  return attributes({.kind = kind, .curve_family = family}, bits, kEcdsaSha256);
}

TEST(Policy, PermissionForHashesIncludesMessages) {
  psa::UsageFlags usage = policy::widened({.sign_hash = true, .verify_hash = true});
  EXPECT_TRUE(usage.sign_message);
  EXPECT_TRUE(usage.verify_message);
  psa::UsageFlags messages{.sign_message = true, .verify_message = true};
  EXPECT_EQ(policy::widened(messages), messages);
}

TEST(Policy, NoneAndWildcardRequestsAreNeverPermitted) {
  EXPECT_FALSE(policy::permits(psa::NoAlgorithm(), psa::NoAlgorithm()));
  EXPECT_FALSE(policy::permits(psa::NoAlgorithm(), kEcdsaSha256));
  EXPECT_FALSE(policy::permits(kEcdsaWildcard, kEcdsaWildcard));
}

TEST(Policy, AWildcardPermitsEveryHashOfItsKindAlone) {
  EXPECT_TRUE(policy::permits(kEcdsaWildcard, kEcdsaSha256));
  EXPECT_TRUE(policy::permits(kEcdsaWildcard, signature(SignatureKind::Ecdsa, Hash::Sha3_512)));
  EXPECT_FALSE(
      policy::permits(kEcdsaWildcard, signature(SignatureKind::DeterministicEcdsa, Hash::Sha256)));
  EXPECT_FALSE(policy::permits(kEcdsaWildcard, kEcdsaAny));
  EXPECT_FALSE(policy::permits(kEcdsaAny, kEcdsaSha256));
  EXPECT_TRUE(policy::permits(kEcdsaAny, kEcdsaAny));
}

TEST(Policy, ASpecificHashPermitsItself) {
  EXPECT_TRUE(policy::permits(kEcdsaSha256, kEcdsaSha256));
  EXPECT_FALSE(policy::permits(kEcdsaSha256, signature(SignatureKind::Ecdsa, Hash::Sha384)));
  EXPECT_FALSE(policy::permits(kEcdsaSha256, signature(SignatureKind::RsaPss, Hash::Sha256)));
}

TEST(Policy, TagAndMacLengthFormsAreDifferentAlgorithms) {
  EXPECT_TRUE(policy::permits(kGcm, kGcm));
  EXPECT_FALSE(policy::permits(kGcm, kGcmTag16));
  EXPECT_FALSE(policy::permits(kGcmTag16, kGcm));
  EXPECT_FALSE(policy::permits(kHmac, kHmac16));
  EXPECT_FALSE(policy::permits(kEcdh, kEcdhHkdf));
}

// The contract's table, key type by key type: exactly these of all algorithms are compatible.
TEST(Policy, CompatibilityIsTheContractsTable) {
  const std::vector<Algorithm> all = {psa::NoAlgorithm(),
                                      Hash::Sha256,
                                      kHmac,
                                      kHmac16,
                                      kCmac,
                                      psa::Cipher::StreamCipher,
                                      psa::Cipher::Ctr,
                                      psa::Cipher::CbcPkcs7,
                                      kGcm,
                                      kChacha,
                                      kEcdsaSha256,
                                      kEcdsaAny,
                                      signature(SignatureKind::RsaPss, Hash::Sha256),
                                      signature(SignatureKind::RsaPkcs1v15Raw),
                                      kOaep,
                                      kHkdf,
                                      kEcdh,
                                      kEcdhHkdf,
                                      kFfdh,
                                      psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, {}},
                                      psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, Hash::Sha256},
                                      signature(SignatureKind::PureEddsa)};
  const std::vector<std::pair<Kind, std::vector<std::size_t>>> table = {
      {Kind::RawData, {}},
      {Kind::Hmac, {2, 3}},
      {Kind::Derive, {15}},
      {Kind::Aes, {4, 6, 7, 8, 19}},
      {Kind::Camellia, {4, 6, 7, 8}},
      {Kind::Des, {4, 6, 7}},
      {Kind::Arc4, {5}},
      {Kind::Chacha20, {5, 9}},
      {Kind::RsaKeyPair, {12, 13, 14, 20}},
      {Kind::RsaPublicKey, {12, 13, 14, 20}},
      {Kind::EccKeyPair, {10, 11, 16, 17}},
      {Kind::EccPublicKey, {10, 11, 16, 17}},
      {Kind::DhKeyPair, {18}},
      {Kind::DhPublicKey, {18}},
  };
  for (const auto& [kind, expected] : table) {
    std::vector<std::size_t> compatible;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (policy::is_compatible(all[i], type_of(kind))) compatible.push_back(i);
    EXPECT_EQ(compatible, expected) << psa::to_string(type_of(kind), 0);
  }
}

TEST(Policy, DrawnNoncesAreForAead) {
  for (const Algorithm& algorithm : {Algorithm(kGcm), Algorithm(kGcmTag16), Algorithm(kCmac),
                                     Algorithm(psa::NoAlgorithm()), Algorithm(psa::Cipher::Ctr)}) {
    psa::KeyAttributes key = attributes(type_of(Kind::Aes), 256, algorithm);
    EXPECT_THAT(policy::check_settings(key), IsOk());
    EXPECT_THAT(policy::check_nonce_of_caller(key), IsOk());
    key.drawn_nonce_only = true;
    if (std::holds_alternative<psa::Aead>(algorithm)) {
      EXPECT_THAT(policy::check_settings(key), IsOk());
    } else {
      EXPECT_THAT(policy::check_settings(key), FailsWith(Status::PsaErrorInvalidArgument));
    }
    EXPECT_THAT(policy::check_nonce_of_caller(key), FailsWith(Status::PsaErrorNotPermitted));
  }
}

TEST(Policy, EdwardsCurvesSignByEddsaAlone) {
  for (Kind kind : {Kind::EccKeyPair, Kind::EccPublicKey}) {
    const psa::KeyType edwards = {kind, psa::EccFamily::TwistedEdwards};
    EXPECT_TRUE(policy::is_compatible(signature(SignatureKind::PureEddsa), edwards));
    for (const Algorithm& other : {Algorithm(kEcdsaSha256), Algorithm(kEcdsaAny), Algorithm(kEcdh)})
      EXPECT_FALSE(policy::is_compatible(other, edwards));
  }
}

TEST(Policy, BrokenHashesAreDeprecatedWhereverTheyStand) {
  psa::KeyType ecc = type_of(Kind::EccKeyPair);
  for (Hash hash : {Hash::Md2, Hash::Md4, Hash::Md5, Hash::Sha1}) {
    psa::KeyDerivation hkdf{.kind = psa::KeyDerivation::Kind::Hkdf, .hash = hash};
    const std::vector<Algorithm> algorithms = {
        hash,
        psa::Mac{.kind = psa::Mac::Kind::Hmac, .hash = hash, .truncated_size = {}},
        signature(SignatureKind::Ecdsa, hash),
        psa::AsymmetricEncryption{.kind = psa::AsymmetricEncryption::Kind::RsaOaep, .hash = hash},
        hkdf,
        psa::KeyAgreement{.raw = psa::RawKeyAgreement::Ecdh, .derivation = hkdf}};
    for (const Algorithm& algorithm : algorithms)
      EXPECT_TRUE(policy::is_deprecated(attributes(ecc, 256, algorithm)))
          << psa::to_string(algorithm);
  }
  EXPECT_FALSE(policy::is_deprecated(attributes(ecc, 256, kEcdsaWildcard)));
  EXPECT_FALSE(policy::is_deprecated(attributes(ecc, 256, Hash::Ripemd160)));
}

TEST(Policy, DeprecatedCurvesAreSoForPairsAndPublicKeys) {
  for (Kind kind : {Kind::EccKeyPair, Kind::EccPublicKey}) {
    EXPECT_TRUE(policy::is_deprecated(ecc_on(EccFamily::BrainpoolPR1, 160, kind)));
    EXPECT_TRUE(policy::is_deprecated(ecc_on(EccFamily::SectK1, 163, kind)));
    EXPECT_TRUE(policy::is_deprecated(ecc_on(EccFamily::SectR1, 163, kind)));
    EXPECT_TRUE(policy::is_deprecated(ecc_on(EccFamily::SectR2, 163, kind)));
    EXPECT_TRUE(policy::is_deprecated(ecc_on(EccFamily::SecpR2, 0, kind)));
    EXPECT_FALSE(policy::is_deprecated(ecc_on(EccFamily::BrainpoolPR1, 256, kind)));
    EXPECT_FALSE(policy::is_deprecated(ecc_on(EccFamily::SectK1, 233, kind)));
  }
  EXPECT_TRUE(policy::is_deprecated(attributes(type_of(Kind::Des), 64, psa::Cipher::Ctr)));
  EXPECT_TRUE(policy::is_deprecated(attributes(type_of(Kind::Arc4), 128, psa::NoAlgorithm())));
}

TEST(Policy, RsaOf1024BitsIsDeprecated) {
  for (Kind kind : {Kind::RsaKeyPair, Kind::RsaPublicKey}) {
    EXPECT_TRUE(policy::is_deprecated(attributes(type_of(kind), 1024, kOaep)));
    EXPECT_FALSE(policy::is_deprecated(attributes(type_of(kind), 2048, kOaep)));
    EXPECT_FALSE(policy::is_deprecated(attributes(type_of(kind), 0, kOaep)));
  }
}

TEST(Policy, UseNeedsFlagPermissionAndCompatibility) {
  psa::KeyAttributes key = attributes(type_of(Kind::EccKeyPair), 256, kEcdsaSha256);
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_hash, kEcdsaSha256),
              FailsWith(Status::PsaErrorNotPermitted));
  key.usage.sign_hash = true;
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_hash, kEcdsaSha256), IsOk());
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_hash, kEcdsaAny),
              FailsWith(Status::PsaErrorNotPermitted));
  key.type = type_of(Kind::RsaKeyPair);
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_hash, kEcdsaSha256),
              FailsWith(Status::PsaErrorNotPermitted));
}

// The flag to sign hashes includes messages, which are all that EdDSA signs.
TEST(Policy, EddsaSignsNoHashesWhateverTheFlags) {
  constexpr auto kEddsa = signature(SignatureKind::PureEddsa);
  psa::KeyAttributes key = ecc_on(EccFamily::TwistedEdwards, 255, Kind::EccKeyPair);
  key.algorithm = kEddsa;
  key.usage = policy::widened({.sign_hash = true, .verify_hash = true});
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_hash, kEddsa),
              FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::verify_hash, kEddsa),
              FailsWith(Status::PsaErrorNotPermitted));
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::sign_message, kEddsa), IsOk());
  EXPECT_THAT(policy::check_use(key, &psa::UsageFlags::verify_message, kEddsa), IsOk());
}

TEST(Policy, OnlyPublicKeysAreExportableWithoutTheFlag) {
  psa::KeyAttributes key = attributes(type_of(Kind::RsaKeyPair), 2048, kOaep);
  EXPECT_THAT(policy::check_export(key), FailsWith(Status::PsaErrorNotPermitted));
  key.usage.may_export = true;
  EXPECT_THAT(policy::check_export(key), IsOk());
  EXPECT_THAT(policy::check_export(attributes(type_of(Kind::RsaPublicKey), 2048, kOaep)), IsOk());
}

TEST(Policy, DigestsHaveTheLengthOfTheirHash) {
  EXPECT_THAT(policy::check_digest_size(kEcdsaSha256, Bytes(32)), IsOk());
  for (std::size_t size : {0U, 31U, 33U})
    EXPECT_THAT(policy::check_digest_size(kEcdsaSha256, Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(policy::check_digest_size(kEcdsaAny, Bytes(7)), IsOk());
  EXPECT_THAT(policy::check_digest_size(signature(SignatureKind::RsaPkcs1v15Raw), Bytes(51)),
              IsOk());
}

}  // namespace
}  // namespace strongroom
