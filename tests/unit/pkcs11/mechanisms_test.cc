#include "providers/pkcs11/mechanisms/mechanisms.h"

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::ElementsAre;
using testing::from_hex;
using ::testing::IsEmpty;
using testing::IsOkAndHolds;

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

TEST(MechanismsTest, PoliciesAllowOneMechanismOrHaveNoSay) {
  using Signature = psa::AsymmetricSignature;
  EXPECT_THAT(allowed_mechanisms(Signature{Signature::Kind::Ecdsa, psa::Hash::Sha256}),
              ElementsAre(CKM_ECDSA));
  EXPECT_THAT(allowed_mechanisms(Signature{Signature::Kind::RsaPss, psa::Hash::Sha256}),
              ElementsAre(CKM_RSA_PKCS_PSS));
  EXPECT_THAT(allowed_mechanisms(psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep,
                                                           psa::Hash::Sha1}),
              ElementsAre(CKM_RSA_PKCS_OAEP));
  EXPECT_THAT(allowed_mechanisms(psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt}),
              ElementsAre(CKM_ECDH1_DERIVE));
  EXPECT_THAT(allowed_mechanisms(psa::Cipher::CbcPkcs7), ElementsAre(CKM_AES_CBC));
  EXPECT_THAT(allowed_mechanisms(psa::Aead{psa::Aead::Kind::Gcm, std::nullopt}),
              ElementsAre(CKM_AES_GCM));
  EXPECT_THAT(allowed_mechanisms(psa::Aead{psa::Aead::Kind::Ccm, std::nullopt}),
              ElementsAre(CKM_AES_CCM));
  EXPECT_THAT(allowed_mechanisms(Signature{Signature::Kind::PureEddsa, std::nullopt}),
              ElementsAre(CKM_EDDSA));
  EXPECT_THAT(allowed_mechanisms(psa::Mac{psa::Mac::Kind::Hmac, psa::Hash::Sha384, std::nullopt}),
              ElementsAre(CKM_SHA384_HMAC));
  EXPECT_THAT(allowed_mechanisms(psa::NoAlgorithm()), IsEmpty());
}

}  // namespace
}  // namespace strongroom::pkcs11
