#include "providers/software/openssl_error.h"

#include <array>

#include <openssl/ecerr.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/proverr.h>
#include <openssl/randerr.h>
#include <openssl/rsaerr.h>

#include "tests/support/matchers.h"

namespace strongroom::software {
namespace {

struct Row {
  int library;
  int reason;
  Status status;
};
constexpr std::array kExpected = {
    Row{ERR_LIB_EC, ERR_R_MALLOC_FAILURE, Status::PsaErrorInsufficientMemory},
    Row{ERR_LIB_BN, ERR_R_MALLOC_FAILURE, Status::PsaErrorInsufficientMemory},
    Row{ERR_LIB_RAND, RAND_R_UNABLE_TO_FETCH_DRBG, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_RAND, RAND_R_NOT_INSTANTIATED, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_RAND, ERR_R_MALLOC_FAILURE, Status::PsaErrorInsufficientMemory},
    Row{ERR_LIB_PROV, PROV_R_ERROR_RETRIEVING_ENTROPY, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_ERROR_INSTANTIATING_DRBG, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_PROV, PROV_R_GENERATE_ERROR, Status::PsaErrorInsufficientEntropy},
    Row{ERR_LIB_RSA, RSA_R_PADDING_CHECK_FAILED, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_PKCS_DECODING_ERROR, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_OAEP_DECODING_ERROR, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_RSA, RSA_R_DATA_TOO_LARGE_FOR_MODULUS, Status::PsaErrorInvalidPadding},
    Row{ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EC, EC_R_INVALID_ENCODING, Status::PsaErrorInvalidArgument},
    Row{ERR_LIB_EVP, EVP_R_BAD_DECRYPT, Status::PsaErrorGenericError},
    Row{ERR_LIB_PROV, PROV_R_CIPHER_OPERATION_FAILED, Status::PsaErrorGenericError},
    // Reasons are numbered anew in each library: this one has the number of an EC_R_ above.
    Row{ERR_LIB_BN, EC_R_POINT_IS_NOT_ON_CURVE, Status::PsaErrorGenericError},
};

TEST(OpensslError, EveryCodeHasItsStatus) {
  for (const Row& row : kExpected) {
    unsigned long code = ERR_PACK(row.library, 0, row.reason);
    EXPECT_EQ(status_of_openssl(code), row.status) << row.library << " " << row.reason;
  }
  EXPECT_EQ(status_of_openssl(0), Status::PsaErrorGenericError);
}

TEST(OpensslError, TheMessageNamesCallCodeAndReason) {
  ERR_raise(ERR_LIB_RSA, RSA_R_PADDING_CHECK_FAILED);
  Error error = openssl_error("EVP_PKEY_decrypt");
  EXPECT_EQ(error.status(), Status::PsaErrorInvalidPadding);
  EXPECT_EQ(error.message(), "EVP_PKEY_decrypt: 0x2000072 (padding check failed)");
}

TEST(OpensslError, TheQueueIsEmptyAfterwards) {
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_KEY_LENGTH);
  std::ignore = openssl_error("EVP_DecryptFinal_ex");
  EXPECT_EQ(ERR_peek_error(), 0U);
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  std::ignore = openssl_refusal("EVP_DecryptFinal_ex", Status::PsaErrorInvalidSignature);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(OpensslError, TheTellingEntryDecidesWhereverItStands) {
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  ERR_raise(ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE);
  EXPECT_EQ(openssl_error("call").status(), Status::PsaErrorInvalidArgument);
  ERR_raise(ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE);
  ERR_raise(ERR_LIB_BN, ERR_R_MALLOC_FAILURE);
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  EXPECT_EQ(openssl_error("call").status(), Status::PsaErrorInsufficientMemory);
}

TEST(OpensslError, ARefusalIsThatUnlessResourcesRanOut) {
  ERR_raise(ERR_LIB_RSA, RSA_R_PADDING_CHECK_FAILED);
  EXPECT_EQ(openssl_refusal("call", Status::PsaErrorInvalidSignature).status(),
            Status::PsaErrorInvalidSignature);
  EXPECT_EQ(openssl_refusal("call", Status::PsaErrorInvalidSignature).status(),
            Status::PsaErrorInvalidSignature);
  ERR_raise(ERR_LIB_RSA, ERR_R_MALLOC_FAILURE);
  EXPECT_EQ(openssl_refusal("call", Status::PsaErrorInvalidSignature).status(),
            Status::PsaErrorInsufficientMemory);
}

}  // namespace
}  // namespace strongroom::software
