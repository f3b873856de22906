#include "providers/tpm/device/tpm_error.h"

#include <array>

#include "tests/support/matchers.h"

namespace strongroom::tpm {
namespace {

struct Row {
  TSS2_RC code;
  Status status;
};
constexpr std::array kExpected = {
    Row{TPM2_RC_COMMAND_CODE, Status::PsaErrorNotSupported},
    Row{TPM2_RC_COMMAND_CODE | TSS2_RESMGR_RC_LAYER, Status::PsaErrorNotSupported},
    Row{TPM2_RC_SENSITIVE, Status::PsaErrorDataCorrupt},
    Row{TPM2_RC_NV_SPACE, Status::PsaErrorInsufficientStorage},
    Row{TPM2_RC_CURVE + TPM2_RC_P + TPM2_RC_2, Status::PsaErrorNotSupported},
    Row{TPM2_RC_VALUE + TPM2_RC_P + TPM2_RC_F, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_SIZE + TPM2_RC_P + TPM2_RC_1, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_INTEGRITY + TPM2_RC_P + TPM2_RC_1, Status::PsaErrorDataCorrupt},
    Row{TPM2_RC_ECC_POINT + TPM2_RC_P + TPM2_RC_1, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_BINDING + TPM2_RC_P + TPM2_RC_2, Status::PsaErrorInvalidArgument},
    Row{TPM2_RC_SIGNATURE + TPM2_RC_P + TPM2_RC_2, Status::PsaErrorInvalidSignature},
    Row{TPM2_RC_OBJECT_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_SESSION_HANDLES, Status::PsaErrorInsufficientMemory},
    Row{TPM2_RC_AUTH_FAIL + TPM2_RC_S + TPM2_RC_1, Status::PsaErrorHardwareFailure},
    Row{TPM2_RC_LOCKOUT, Status::PsaErrorHardwareFailure},
    Row{TPM2_RC_FAILURE, Status::PsaErrorHardwareFailure},
    Row{TPM2_RC_RETRY, Status::PsaErrorCommunicationFailure},
    Row{TPM2_RC_NV_RATE, Status::PsaErrorCommunicationFailure},
    Row{TSS2_TCTI_RC_IO_ERROR, Status::PsaErrorHardwareFailure},
    Row{TSS2_TCTI_RC_TRY_AGAIN, Status::PsaErrorCommunicationFailure},
    Row{TSS2_TCTI_RC_MALFORMED_RESPONSE, Status::PsaErrorCommunicationFailure},
    // Numbers are used anew in each layer: this one has that of a TPM's in none.
    Row{TSS2_TCTI_RC_BAD_VALUE, Status::PsaErrorHardwareFailure},
};

TEST(TpmError, EveryCodeHasItsStatus) {
  for (const Row& row : kExpected)
    EXPECT_EQ(status_of_tpm(row.code), row.status) << std::hex << row.code;
}

TEST(TpmError, ABareCodeNamesNoParameterAndNoManager) {
  EXPECT_EQ(bare_code(TPM2_RC_VALUE + TPM2_RC_P + TPM2_RC_F), TPM2_RC_VALUE);
  EXPECT_EQ(bare_code(TPM2_RC_HANDLE + TPM2_RC_H + TPM2_RC_2), TPM2_RC_HANDLE);
  EXPECT_EQ(bare_code(TPM2_RC_BAD_AUTH + TPM2_RC_S + TPM2_RC_1), TPM2_RC_BAD_AUTH);
  EXPECT_EQ(bare_code(TPM2_RC_RETRY | TSS2_RESMGR_TPM_RC_LAYER), TPM2_RC_RETRY);
  EXPECT_EQ(bare_code(TPM2_RC_REFERENCE_S0), TPM2_RC_REFERENCE_S0);
  EXPECT_EQ(bare_code(TSS2_TCTI_RC_IO_ERROR), TSS2_TCTI_RC_IO_ERROR);
}

TEST(TpmError, TheMessageNamesCommandCodeAndReason) {
  TpmError error = tpm_error("TPM2_Sign", TPM2_RC_SCHEME + TPM2_RC_P + TPM2_RC_2);
  EXPECT_EQ(error.message(),
            "TPM2_Sign: 0x2d2 (tpm:parameter(2):unsupported or incompatible scheme)");
  EXPECT_EQ(error.code(), TPM2_RC_SCHEME);
}

TEST(TpmError, ARefusalIsTheCallersFault) {
  EXPECT_EQ(tpm_refusal("TPM2_RSA_Decrypt", TPM2_RC_VALUE, Status::PsaErrorInvalidPadding).status(),
            Status::PsaErrorInvalidPadding);
}

TEST(TpmError, AnOutcomeTurnsIntoAResultAndBack) {
  auto outcome = []() -> Outcome<int> { return std::unexpected(tpm_error("x", TPM2_RC_CURVE)); };
  auto result = [&]() -> Result<int> { return TRY(outcome()); };
  auto again = [&]() -> Outcome<int> { return TRY(result()); };
  EXPECT_THAT(result(), testing::FailsWith(Status::PsaErrorNotSupported));
  EXPECT_EQ(again().error().code(), TPM2_RC_SUCCESS);
}

}  // namespace
}  // namespace strongroom::tpm
