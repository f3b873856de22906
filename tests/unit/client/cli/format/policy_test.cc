#include "client/cli/format/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/format/names.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

// As the command line says them; "" for the usual usage.
Outcome<> check(std::string_view type, std::string_view algorithm, std::string_view usage = "") {
  const TypeAndSize of_type = *type_from(type);
  const psa::Algorithm permitted = *algorithm_from(algorithm);
  return check_policy("trying",
                      {.type = of_type.type,
                       .bits = of_type.bits,
                       .usage = usage.empty() ? default_usage(permitted) : *usage_from(usage),
                       .algorithm = permitted});
}

TEST(CheckPolicy, AcceptsAlgorithmsOfTheType) {
  for (const auto& [type, algorithm] :
       {std::pair("ecc-p256", "ecdsa-sha256"), std::pair("ecc-p384", "ecdh"),
        std::pair("rsa-2048", "rsa-pss-sha256"), std::pair("rsa-2048", "rsa-oaep-sha256"),
        std::pair("aes-128", "aes-gcm"), std::pair("aes-256", "aes-cmac"),
        std::pair("ecc-p256", "none"), std::pair("ed25519", "eddsa"),
        std::pair("aes-128", "aes-kwp"), std::pair("rsa-2048", "rsa-oaep-sha256-aes-kwp"),
        std::pair("derive-256", "hkdf-sha256"), std::pair("ecc-p256", "ecdh-hkdf-sha256"),
        std::pair("hmac-256", "hmac-sha256")})
    EXPECT_TRUE(check(type, algorithm)) << type << ' ' << algorithm;
}

TEST(CheckPolicy, RefusesAlgorithmsOfAnotherType) {
  for (const auto& [type, algorithm] :
       {std::pair("ecc-p256", "hmac-sha256"), std::pair("ecc-p256", "rsa-pss-sha256"),
        std::pair("aes-128", "ecdsa-sha256"), std::pair("ecc-p256", "rsa-pkcs1v15-crypt"),
        std::pair("rsa-2048", "ecdh"), std::pair("rsa-2048", "aes-gcm"),
        std::pair("ecc-p256", "eddsa"), std::pair("ed25519", "ecdsa-sha256"),
        std::pair("ed25519", "ecdh"), std::pair("rsa-2048", "aes-kwp"),
        std::pair("aes-128", "rsa-oaep-sha256-aes-kwp"), std::pair("aes-128", "hkdf-sha256")}) {
    const Outcome<> checked = check(type, algorithm);
    ASSERT_FALSE(checked) << type << ' ' << algorithm;
    EXPECT_EQ(checked.error().code, ExitCode::Usage);
    EXPECT_THAT(checked.error().message, HasSubstr(type));
    EXPECT_THAT(checked.error().message, HasSubstr(algorithm));
  }
}

TEST(CheckPolicy, RefusesUsagesThatTheAlgorithmHasNone) {
  const Outcome<> checked = check("ecc-p256", "ecdsa-sha256", "verify,encrypt");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ExitCode::Usage);
  EXPECT_EQ(checked.error().message, "trying: ecdsa-sha256 is not for usage encrypt");
  EXPECT_FALSE(check("rsa-2048", "rsa-pss-sha256", "decrypt"));
}

TEST(CheckPolicy, DrawnNoncesAreForAeadAlone) {
  psa::KeyAttributes attributes{.type = type_from("aes-128")->type,
                                .bits = 128,
                                .usage = {.encrypt = true},
                                .algorithm = psa::Cipher::Ctr,
                                .drawn_nonce_only = true};
  EXPECT_EQ(check_policy("trying", attributes).error().code, ExitCode::Usage);
  attributes.algorithm = *algorithm_from("aes-gcm");
  EXPECT_TRUE(check_policy("trying", attributes));
}

TEST(CheckPolicy, AcceptsAPartOfTheUsagesAndExport) {
  EXPECT_TRUE(check("ecc-p256", "ecdsa-sha256", "verify"));
  EXPECT_TRUE(check("ecc-p256", "ecdsa-sha256", "sign,export"));
  EXPECT_TRUE(check("aes-256", "aes-cmac", "sign"));
  EXPECT_TRUE(check("ecc-p256", "none", "export"));
}

}  // namespace
}  // namespace strongroom::cli
