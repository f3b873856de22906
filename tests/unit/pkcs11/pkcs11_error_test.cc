#include "providers/pkcs11/module/pkcs11_error.h"

#include <array>

#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::StartsWith;

struct Row {
  CK_RV code;
  Status status;
};
constexpr std::array kExpected = {
    Row{CKR_HOST_MEMORY, Status::PsaErrorInsufficientMemory},
    Row{CKR_DEVICE_MEMORY, Status::PsaErrorInsufficientStorage},
    Row{CKR_DATA_LEN_RANGE, Status::PsaErrorInvalidArgument},
    Row{CKR_SIGNATURE_INVALID, Status::PsaErrorInvalidSignature},
    Row{CKR_MECHANISM_INVALID, Status::PsaErrorNotSupported},
    Row{CKR_TEMPLATE_INCONSISTENT, Status::PsaErrorNotSupported},
    Row{CKR_KEY_UNEXTRACTABLE, Status::PsaErrorNotPermitted},
    Row{CKR_TOKEN_WRITE_PROTECTED, Status::PsaErrorNotPermitted},
    Row{CKR_OBJECT_HANDLE_INVALID, Status::PsaErrorDoesNotExist},
    // What only the operator can mend, or nobody.
    Row{CKR_GENERAL_ERROR, Status::PsaErrorHardwareFailure},
    Row{CKR_FUNCTION_FAILED, Status::PsaErrorHardwareFailure},
    Row{CKR_DEVICE_ERROR, Status::PsaErrorHardwareFailure},
    Row{CKR_DEVICE_REMOVED, Status::PsaErrorHardwareFailure},
    Row{CKR_PIN_INCORRECT, Status::PsaErrorHardwareFailure},
    Row{CKR_PIN_LOCKED, Status::PsaErrorHardwareFailure},
    Row{CKR_USER_NOT_LOGGED_IN, Status::PsaErrorHardwareFailure},
    Row{CKR_SESSION_HANDLE_INVALID, Status::PsaErrorHardwareFailure},
    Row{CKR_OPERATION_ACTIVE, Status::PsaErrorHardwareFailure},
    Row{CKR_VENDOR_DEFINED | 7, Status::PsaErrorHardwareFailure},
};

TEST(Pkcs11ErrorTest, ValuesHaveTheStatusOfTheirMeaning) {
  for (const Row& row : kExpected)
    EXPECT_EQ(status_of_pkcs11(row.code), row.status) << std::hex << row.code;
}

TEST(Pkcs11ErrorTest, MessageNamesFunctionValueAndMeaning) {
  Pkcs11Error error = pkcs11_error("C_Login", CKR_PIN_INCORRECT);
  EXPECT_EQ(error.code(), CKR_PIN_INCORRECT);
  EXPECT_EQ(error.message(), "C_Login: 0xa0 CKR_PIN_INCORRECT (The password or PIN is incorrect)");
  EXPECT_THAT(pkcs11_error("C_Sign", CKR_VENDOR_DEFINED | 7).message(),
              StartsWith("C_Sign: 0x80000007 CKR_VENDOR_DEFINED ("));
  EXPECT_THAT(pkcs11_error("C_Sign", 0x7fff).message(), StartsWith("C_Sign: 0x7fff ("));
}

TEST(Pkcs11ErrorTest, ARefusalKeepsTheValue) {
  Pkcs11Error error =
      pkcs11_refusal("C_Decrypt", CKR_GENERAL_ERROR, Status::PsaErrorInvalidPadding);
  EXPECT_EQ(error.status(), Status::PsaErrorInvalidPadding);
  EXPECT_EQ(error.code(), CKR_GENERAL_ERROR);
}

TEST(Pkcs11ErrorTest, WhatIsLostIsMadeAnewAndModulesBeginAnewWhenTheDeviceWentAway) {
  for (CK_RV code : {CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN}) {
    EXPECT_TRUE(is_lost(code)) << std::hex << code;
    EXPECT_FALSE(needs_restart(code)) << std::hex << code;
  }
  for (CK_RV code : {CKR_DEVICE_ERROR, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT,
                     CKR_TOKEN_NOT_RECOGNIZED, CKR_SLOT_ID_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED}) {
    EXPECT_TRUE(is_lost(code)) << std::hex << code;
    EXPECT_TRUE(needs_restart(code)) << std::hex << code;
  }
  for (CK_RV code : {CKR_OK, CKR_GENERAL_ERROR, CKR_PIN_INCORRECT, CKR_KEY_HANDLE_INVALID}) {
    EXPECT_FALSE(is_lost(code)) << std::hex << code;
    EXPECT_FALSE(needs_restart(code)) << std::hex << code;
  }
}

}  // namespace
}  // namespace strongroom::pkcs11
