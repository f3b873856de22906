// The PIN: one wrong attempt, then none.
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::List;

class LoginTest : public testing::WithSoftHsm {
 protected:
  static int attempts() { return faults().on<&List::C_Login>().count(); }
  static void set_flag(CK_FLAGS flag) {
    change_token([flag](CK_TOKEN_INFO& info) { info.flags |= flag; });
  }
  static void clear_flag(CK_FLAGS flag) {
    change_token([flag](CK_TOKEN_INFO& info) { info.flags &= ~flag; });
  }
  Pkcs11Provider::Settings with_pin(std::string& pin) {
    auto settings = WithSoftHsm::settings();
    settings.login.pin = [&pin] { return SecretBuffer::copy_of(view_of(pin)); };
    settings.login.on_refused = [this] { ++refusals; };
    return settings;
  }

  int refusals = 0;
};

TEST_F(LoginTest, AWrongPinIsTriedOnceAndThatIsRemembered) {
  std::string pin = "wrong";
  auto made = provider(with_pin(pin));
  auto first = made->identity();
  ASSERT_THAT(first, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(first.error().message(), HasSubstr("C_Login: 0xa0"));
  EXPECT_THAT(first.error().message(), HasSubstr("token 'keys'"));
  EXPECT_EQ(refusals, 1);
  EXPECT_TRUE(made->is_login_stopped());
  for (int i = 0; i < 3; ++i) {
    auto again = made->identity();
    ASSERT_THAT(again, FailsWith(Status::PsaErrorHardwareFailure));
    EXPECT_THAT(again.error().message(), HasSubstr("not tried again"));
  }
  EXPECT_EQ(attempts(), 1);
  EXPECT_EQ(refusals, 1);
}

TEST_F(LoginTest, AFailureThatSaysNothingOfTheTokenCountsAsARefusal) {
  for (CK_RV code : {CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR, CKR_FUNCTION_REJECTED,
                     CKR_ARGUMENTS_BAD, CKR_VENDOR_DEFINED | 0x42UL}) {
    std::string pin = testing::SoftHsm::kPin;
    auto made = provider(with_pin(pin));
    faults().forget();
    refusals = 0;
    faults().on<&List::C_Login>().refuse(code);
    for (int i = 0; i < 3; ++i)
      EXPECT_FALSE(made->identity().has_value()) << std::hex << code;
    EXPECT_EQ(attempts(), 1) << std::hex << code;
    EXPECT_EQ(refusals, 1) << std::hex << code;
    EXPECT_TRUE(made->is_login_stopped());
  }
}

TEST_F(LoginTest, WhatIsKnownToBeAboutTheTokenStopsNothing) {
  for (CK_RV code : {CKR_SESSION_CLOSED, CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_REMOVED}) {
    auto settings = WithSoftHsm::settings();
    settings.pause = 0ms;
    auto made = provider(std::move(settings));
    faults().on<&List::C_Login>().refuse(code, 5);
    for (int i = 0; i < 5; ++i)
      EXPECT_FALSE(made->identity().has_value());
    EXPECT_THAT(made->identity(), IsOk()) << std::hex << code;
  }
}

TEST_F(LoginTest, AnUnclearFailureIsTriedOnceMore) {
  auto settings = WithSoftHsm::settings();
  settings.pause = 0ms;
  auto once = provider(settings);
  faults().on<&List::C_Login>().refuse(CKR_DEVICE_ERROR);
  EXPECT_FALSE(once->identity().has_value());
  EXPECT_THAT(once->identity(), IsOk());
  once.reset();
  faults().forget();
  auto again = provider(settings);
  faults().on<&List::C_Login>().refuse(CKR_DEVICE_ERROR, 10);
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(again->identity().has_value());
  EXPECT_EQ(attempts(), 2);
  EXPECT_TRUE(again->is_login_stopped());
}

TEST_F(LoginTest, ATokenThatGoesDuringALoginHasRefusedNothing) {
  const auto go_and_say = [](CK_RV code) {
    faults().on<&List::C_Login>().instead([code](auto&&...) {
      faults().on<&List::C_Login>().instead(nullptr);
      faults().on<&List::C_GetTokenInfo>().refuse(CKR_TOKEN_NOT_PRESENT);
      return code;
    });
  };
  auto settings = WithSoftHsm::settings();
  settings.pause = 0ms;
  auto made = provider(settings);
  go_and_say(CKR_GENERAL_ERROR);
  EXPECT_FALSE(made->identity().has_value());
  EXPECT_FALSE(made->is_login_stopped());
  EXPECT_THAT(made->identity(), IsOk());
  made.reset();
  auto refused = provider(settings);
  go_and_say(CKR_PIN_INCORRECT);
  EXPECT_FALSE(refused->identity().has_value());
  EXPECT_TRUE(refused->is_login_stopped());
}

TEST_F(LoginTest, ACorrectedPinIsTriedOnceThatIsAllowed) {
  std::string pin = "wrong";
  auto made = provider(with_pin(pin));
  EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  pin = testing::SoftHsm::kPin;
  EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  made->allow_login();
  EXPECT_FALSE(made->is_login_stopped());
  EXPECT_THAT(made->identity(), IsOk());
  EXPECT_EQ(attempts(), 2);
}

TEST_F(LoginTest, ARefusalOfBeforeHoldsInANewProcess) {
  auto settings = WithSoftHsm::settings();
  settings.login.was_refused = true;
  auto made = provider(std::move(settings));
  EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(attempts(), 0);
  made->allow_login();
  EXPECT_THAT(made->identity(), IsOk());
}

TEST_F(LoginTest, ALockedPinIsNotTried) {
  set_flag(CKF_USER_PIN_LOCKED);
  auto made = provider();
  auto refused = made->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("it is locked"));
  made->allow_login();
  EXPECT_THAT(made->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(attempts(), 0);
}

TEST_F(LoginTest, TheLastAttemptIsAnAdministratorsToAllow) {
  set_flag(CKF_USER_PIN_FINAL_TRY);
  auto made = provider();
  auto refused = made->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("a wrong one would lock it"));
  EXPECT_EQ(attempts(), 0);
  made->allow_login();
  EXPECT_THAT(made->identity(), IsOk());
  EXPECT_EQ(attempts(), 1);
}

TEST_F(LoginTest, AWrongAttemptOfOthersIsNoReasonToStop) {
  set_flag(CKF_USER_PIN_COUNT_LOW);
  EXPECT_THAT(provider()->identity(), IsOk());
}

TEST_F(LoginTest, ATokenWithoutAUserPinSaysSo) {
  clear_flag(CKF_USER_PIN_INITIALIZED);
  auto refused = provider()->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("none set for the user"));
  EXPECT_EQ(attempts(), 0);
}

TEST_F(LoginTest, WithoutAPinThereIsNoLoginUnlessTheTokenAsksForItItself) {
  auto settings = WithSoftHsm::settings();
  settings.login.pin = nullptr;
  auto made = provider(std::move(settings));
  auto refused = made->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("none is configured"));
  EXPECT_EQ(attempts(), 0);

  set_flag(CKF_PROTECTED_AUTHENTICATION_PATH);
  faults().on<&List::C_Login>().instead(
      [](auto, CK_SESSION_HANDLE, CK_USER_TYPE, unsigned char* pin, CK_ULONG size) {
        return pin == nullptr && size == 0 ? CKR_OK : CKR_ARGUMENTS_BAD;
      });
  EXPECT_THAT(made->identity(), IsOk());
}

TEST_F(LoginTest, ATokenThatWantsNoLoginGetsNone) {
  clear_flag(CKF_LOGIN_REQUIRED);
  EXPECT_THAT(provider()->identity(), IsOk());
  EXPECT_EQ(attempts(), 0);
}

TEST_F(LoginTest, APinThatCannotBeReadIsNoAttempt) {
  auto settings = WithSoftHsm::settings();
  settings.login.pin = []() -> Result<SecretBuffer> {
    return fail(Status::PsaErrorGenericError, "no such file");
  };
  auto made = provider(std::move(settings));
  auto refused = made->identity();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), HasSubstr("reading the PIN: no such file"));
  EXPECT_EQ(attempts(), 0);
  EXPECT_FALSE(made->is_login_stopped());
}

TEST_F(LoginTest, KeysThatAskEachTimeGetThePinForEachOperation) {
  auto settings = WithSoftHsm::settings();
  settings.creation.always_authenticate = true;
  auto made = provider(std::move(settings));
  auto key = new_key(*made);
  int before = attempts();
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(signature_of(*made, *key), IsOk());
  EXPECT_EQ(attempts(), before + 3);
}

TEST_F(LoginTest, APinRefusedForAnOperationIsNotTriedAgain) {
  std::string pin = testing::SoftHsm::kPin;
  auto settings = with_pin(pin);
  settings.creation.always_authenticate = true;
  auto made = provider(std::move(settings));
  auto key = new_key(*made);
  pin = "wrong";
  int before = attempts();
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(signature_of(*made, *key), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(attempts(), before + 1);
  EXPECT_EQ(refusals, 1);
}

}  // namespace
}  // namespace strongroom::pkcs11
