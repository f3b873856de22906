#include "providers/pkcs11/mechanisms/mechanisms.h"

#include "tests/support/attributes.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::ElementsAre;
using testing::from_hex;
using ::testing::IsEmpty;
using testing::IsOkAndHolds;
using Kind = psa::KeyType::Kind;

// RFC 8017 §9.2, note 1.
struct Prefix {
  psa::Hash hash;
  const char* hex;
};
constexpr std::array kPrefixes = {
    Prefix{psa::Hash::Md5, "3020300c06082a864886f70d020505000410"},
    Prefix{psa::Hash::Sha1, "3021300906052b0e03021a05000414"},
    Prefix{psa::Hash::Sha224, "302d300d06096086480165030402040500041c"},
    Prefix{psa::Hash::Sha256, "3031300d060960864801650304020105000420"},
    Prefix{psa::Hash::Sha384, "3041300d060960864801650304020205000430"},
    Prefix{psa::Hash::Sha512, "3051300d060960864801650304020305000440"},
    Prefix{psa::Hash::Sha512_224, "302d300d06096086480165030402050500041c"},
    Prefix{psa::Hash::Sha512_256, "3031300d060960864801650304020605000420"},
};

TEST(MechanismsTest, DigestInfosAreThoseOfTheStandard) {
  for (const Prefix& prefix : kPrefixes) {
    Bytes digest(psa::digest_size(prefix.hash), std::byte{0xa5});
    Bytes expected = from_hex(prefix.hex);
    expected.insert(expected.end(), digest.begin(), digest.end());
    EXPECT_THAT(digest_info(prefix.hash, digest), IsOkAndHolds(expected)) << prefix.hex;
  }
}

std::vector<CK_MECHANISM_TYPE> allowed(psa::KeyType::Kind kind, std::uint32_t bits,
                                       const psa::Algorithm& algorithm) {
  return allowed_mechanisms(testing::key_of(kind, bits, algorithm));
}

TEST(MechanismsTest, PoliciesOfPairsAllowOneMechanism) {
  using Signature = psa::AsymmetricSignature;
  using Encryption = psa::AsymmetricEncryption;
  EXPECT_THAT(allowed_mechanisms(testing::ecc_pair()), ElementsAre(CKM_ECDSA));
  EXPECT_THAT(allowed_mechanisms(testing::ed25519_pair()), ElementsAre(CKM_EDDSA));
  EXPECT_THAT(allowed_mechanisms(testing::ecc_pair(testing::kRawEcdh)),
              ElementsAre(CKM_ECDH1_DERIVE));
  EXPECT_THAT(
      allowed(Kind::DhKeyPair, 2048, psa::KeyAgreement{psa::RawKeyAgreement::Ffdh, std::nullopt}),
      ElementsAre(CKM_DH_PKCS_DERIVE));
  EXPECT_THAT(allowed(Kind::RsaKeyPair, 2048, Signature{Signature::Kind::RsaPss, std::nullopt}),
              ElementsAre(CKM_RSA_PKCS_PSS));
  EXPECT_THAT(
      allowed(Kind::RsaKeyPair, 2048, Encryption{Encryption::Kind::RsaOaep, psa::Hash::Sha1}),
      ElementsAre(CKM_RSA_PKCS_OAEP));
}

TEST(MechanismsTest, PoliciesOfSecretsAllowOneMechanismOfTheirType) {
  const psa::Mac cmac{psa::Mac::Kind::Cmac, std::nullopt, std::nullopt};
  const psa::Mac cbc_mac{psa::Mac::Kind::CbcMac, std::nullopt, std::nullopt};
  EXPECT_THAT(allowed(Kind::Aes, 256, psa::Cipher::CbcPkcs7), ElementsAre(CKM_AES_CBC));
  EXPECT_THAT(allowed(Kind::Des, 192, psa::Cipher::CbcPkcs7), ElementsAre(CKM_DES3_CBC));
  EXPECT_THAT(allowed(Kind::Des, 64, psa::Cipher::EcbNoPadding), ElementsAre(CKM_DES_ECB));
  EXPECT_THAT(allowed(Kind::Aes, 256, testing::kAesGcm), ElementsAre(CKM_AES_GCM));
  EXPECT_THAT(allowed(Kind::Aes, 256, psa::Aead{psa::Aead::Kind::Ccm, std::nullopt}),
              ElementsAre(CKM_AES_CCM));
  EXPECT_THAT(allowed(Kind::Aes, 128, cmac), ElementsAre(CKM_AES_CMAC));
  EXPECT_THAT(allowed(Kind::Des, 192, cmac), ElementsAre(CKM_DES3_CMAC));
  EXPECT_THAT(allowed(Kind::Des, 192, cbc_mac), ElementsAre(CKM_DES3_CBC));
  EXPECT_THAT(
      allowed(Kind::Hmac, 256, psa::Mac{psa::Mac::Kind::Hmac, psa::Hash::Sha384, std::nullopt}),
      ElementsAre(CKM_SHA384_HMAC));
}

TEST(MechanismsTest, PoliciesThatNameNoneHaveNoSay) {
  EXPECT_THAT(allowed(Kind::Aes, 256, psa::NoAlgorithm()), IsEmpty());
  EXPECT_THAT(allowed(Kind::Aes, 256, psa::Cipher::Xts), IsEmpty());
  EXPECT_THAT(allowed(Kind::Des, 192, psa::Cipher::Ctr), IsEmpty());
}

}  // namespace
}  // namespace strongroom::pkcs11
