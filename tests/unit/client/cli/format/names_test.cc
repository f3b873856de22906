#include "client/cli/format/names.h"

#include <gmock/gmock.h>

namespace strongroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Signature = psa::AsymmetricSignature;

TEST(Names, AlgorithmsReadBackAsTheyAreWritten) {
  for (const char* name : {"ecdsa-sha256",
                           "deterministic-ecdsa-sha512",
                           "rsa-pss-sha3-256",
                           "rsa-pkcs1v15-sha384",
                           "rsa-pss-any-hash",
                           "ecdsa-any",
                           "ecdsa-any-hash",
                           "rsa-pkcs1v15-raw",
                           "rsa-oaep-sha1",
                           "rsa-pkcs1v15-crypt",
                           "aes-gcm",
                           "aes-ccm",
                           "aes-ctr",
                           "aes-cfb",
                           "aes-ofb",
                           "aes-xts",
                           "aes-ecb",
                           "stream-cipher",
                           "chacha20-poly1305",
                           "aes-gcm-tag-12",
                           "aes-ccm-tag-4",
                           "hmac-sha256-truncated-16",
                           "aes-cmac-truncated-8",
                           "aes-cbc-mac",
                           "ffdh",
                           "hmac-sha256",
                           "ecdh",
                           "none",
                           "eddsa",
                           "aes-kwp",
                           "rsa-oaep-sha256-aes-kwp",
                           "hkdf-sha256",
                           "tls12-prf-sha384",
                           "tls12-psk-to-ms-sha256",
                           "ecdh-hkdf-sha512",
                           "ecdh-tls12-prf-sha256"}) {
    Outcome<psa::Algorithm> algorithm = algorithm_from(name);
    ASSERT_TRUE(algorithm) << name;
    EXPECT_EQ(algorithm_name(*algorithm), name);
  }
}

TEST(Names, AnyHashAndEcdsaAnyAreTwoAlgorithms) {
  EXPECT_EQ(*algorithm_from("ecdsa-any"),
            psa::Algorithm(Signature{Signature::Kind::EcdsaAny, std::nullopt}));
  EXPECT_EQ(*algorithm_from("ecdsa-any-hash"),
            psa::Algorithm(Signature{Signature::Kind::Ecdsa, std::nullopt}));
}

TEST(Names, TypesReadBackAsTheyAreWritten) {
  for (const char* name : {"ecc-p256",
                           "ecc-p384",
                           "ecc-p521",
                           "rsa-2048",
                           "rsa-3072",
                           "rsa-4096",
                           "aes-128",
                           "aes-192",
                           "aes-256",
                           "ed25519",
                           "ed448",
                           "hmac-256",
                           "hmac-8",
                           "derive-256",
                           "derive-1024",
                           "x25519",
                           "x448",
                           "ecc-secp256k1",
                           "ecc-brainpool256",
                           "ecc-brainpool512",
                           "ecc-secp-r1-224",
                           "ecc-sect-r1-283",
                           "camellia-192",
                           "chacha20-256",
                           "dh-2048",
                           "raw-64",
                           "rsa-1024"}) {
    Outcome<TypeAndSize> type = type_from(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(type_name(type->type, type->bits), name);
  }
}

TEST(Names, SizesAreWholeBytes) {
  for (const char* name : {"hmac-0", "hmac-", "hmac-9", "derive-256x", "derive--8", "raw-7",
                           "ecc-none-256", "ecc-256", "rsa-public-key-2048"})
    EXPECT_FALSE(type_from(name)) << name;
}

TEST(Names, DefaultsFitTheType) {
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("ed448"))), "eddsa");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("hmac-512"))), "hmac-sha256");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("derive-256"))), "hkdf-sha256");
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("eddsa"))),
              ElementsAre("sign-message", "verify-message"));
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("aes-kwp"))),
              ElementsAre("wrap", "unwrap"));
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("hkdf-sha256"))), ElementsAre("derive"));
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("ecc-p384"))), "ecdsa-sha384");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("rsa-4096"))), "rsa-pss-sha256");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("aes-128"))), "aes-gcm");
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("ecdsa-sha256"))),
              ElementsAre("sign", "verify"));
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("aes-gcm"))),
              ElementsAre("encrypt", "decrypt"));
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("ecdh"))), ElementsAre("derive"));
  EXPECT_THAT(usage_names(default_usage(*algorithm_from("none"))), IsEmpty());
}

TEST(Names, EveryTypeHasADefault) {
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("x25519"))), "ecdh");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("dh-2048"))), "ffdh");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("chacha20-256"))), "chacha20-poly1305");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("raw-128"))), "none");
  EXPECT_EQ(algorithm_name(default_algorithm(*type_from("ecc-brainpool384"))), "ecdsa-sha384");
}

TEST(Names, AShortenedTagNeedsANumber) {
  for (const char* name : {"aes-gcm-tag-", "aes-gcm-tag-0", "aes-ctr-tag-4", "ecdh-truncated-4",
                           "hmac-sha256-tag-8", "-tag-8"})
    EXPECT_FALSE(algorithm_from(name)) << name;
}

TEST(Names, UsagesAreAList) {
  Outcome<psa::UsageFlags> usage = usage_from("sign,export");
  ASSERT_TRUE(usage);
  EXPECT_EQ(*usage, (psa::UsageFlags{.may_export = true, .sign_message = true, .sign_hash = true}));
  EXPECT_EQ(*usage_from(""), psa::UsageFlags());
  EXPECT_FALSE(usage_from("sign;export"));
  EXPECT_FALSE(usage_from("sign,,export"));
}

TEST(Names, ProvidersAreNamesOrNumbers) {
  EXPECT_EQ(*provider_from("tpm"), ProviderId::Tpm);
  EXPECT_EQ(*provider_from("3"), ProviderId::Tpm);
  EXPECT_EQ(provider_name(ProviderId::Software), "software");
  EXPECT_EQ(provider_name(static_cast<ProviderId>(77)), "77");
  for (const char* wrong : {"core", "0", "256", "-1", "3x", "", "TPM"})
    EXPECT_FALSE(provider_from(wrong)) << wrong;
}

TEST(Names, UnknownWordsAreUsageFailures) {
  EXPECT_EQ(type_from("ecc-p25").error().code, ExitCode::Usage);
  EXPECT_EQ(algorithm_from("ecdsa").error().code, ExitCode::Usage);
  EXPECT_EQ(hash_from("sha-256").error().code, ExitCode::Usage);
}

}  // namespace
}  // namespace strongroom::cli
