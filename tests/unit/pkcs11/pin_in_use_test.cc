// How often a PIN is handed out when nobody learns what came of it.
#include "providers/pkcs11/upkeep/pin_in_use.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::IsOkAndHolds;
using Verdict = Login::Settings::Verdict;

class PinInUseTest : public ::testing::Test {
 protected:
  // As a process would that has just started.
  Login::Settings start() {
    used = std::make_shared<PinInUse>([this] { return SecretBuffer::copy_of(view_of(pin)); });
    used->on_refused([this](const RefusedSecret&) { ++refusals; });
    used->on_attempt({.begins = [this](SecretBuffer told) { noted = std::move(told); },
                      .ends = [this] { noted.reset(); }});
    if (noted) used->recall_attempt(noted->reveal());
    return used->login();
  }

  std::shared_ptr<PinInUse> used;
  std::string pin = "1234";
  std::optional<SecretBuffer> noted;
  int refusals = 0;
};

TEST_F(PinInUseTest, OneRetryIsTheMostWithoutAVerdict) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  EXPECT_THAT(login.pin(), IsOk());
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(login.pin(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(refusals, 1);
  EXPECT_TRUE(used->refused().has_value());
}

TEST_F(PinInUseTest, AProcessThatEndsWithThePinIsRemembered) {
  for (int process = 0; process < 2; ++process)
    EXPECT_THAT(start().pin(), IsOk());
  EXPECT_THAT(start().pin(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(refusals, 1);
}

TEST_F(PinInUseTest, AVerdictEndsTheCount) {
  auto login = start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(login.pin(), IsOk());
    EXPECT_TRUE(noted.has_value());
    login.on_verdict(Verdict::NotTried);
    EXPECT_FALSE(noted.has_value());
  }
  EXPECT_EQ(refusals, 0);
}

// A token that resets itself on a wrong PIN answers by turns in two ways.
TEST_F(PinInUseTest, WhatWasNotTriedTakesBackItsOwnAttemptAlone) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  login.on_verdict(Verdict::Unclear);
  EXPECT_THAT(login.pin(), IsOk());
  login.on_verdict(Verdict::NotTried);
  EXPECT_TRUE(noted.has_value());
  EXPECT_THAT(login.pin(), IsOk());
  login.on_verdict(Verdict::Unclear);
  EXPECT_THAT(login.pin(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(refusals, 1);
}

TEST_F(PinInUseTest, AnAcceptedPinIsNotNotedAgainUntilThatIsInDoubt) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  login.on_verdict(Verdict::Accepted);
  for (int i = 0; i < 5; ++i)
    EXPECT_THAT(login.pin(), IsOk());
  EXPECT_FALSE(noted.has_value());
  login.on_verdict(Verdict::Unclear);
  EXPECT_THAT(login.pin(), IsOk());
  EXPECT_TRUE(noted.has_value());
  login.on_verdict(Verdict::Unclear);
  EXPECT_THAT(login.pin(), FailsWith(Status::PsaErrorHardwareFailure));
}

TEST_F(PinInUseTest, AnotherPinIsCountedAnew) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  EXPECT_THAT(login.pin(), IsOk());
  pin = "5678";
  EXPECT_THAT(login.pin(), IsOk());
}

TEST_F(PinInUseTest, APinThatCannotBeReadIsADeviceThatDoesNotServe) {
  auto login = start();
  used->use([] { return fail(Status::PsaErrorNotPermitted, "'/etc/pin': mode 0644"); });
  const auto unread = login.pin();
  ASSERT_THAT(unread, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(unread.error().message(), "'/etc/pin': mode 0644");
  EXPECT_FALSE(noted.has_value());
}

// A file that is being written is empty for a moment.
TEST_F(PinInUseTest, AnEmptyPinIsNoPin) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  login.on_refused();
  pin.clear();
  EXPECT_THAT(used->was_mended(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(login.pin(), FailsWith(Status::PsaErrorHardwareFailure));
  pin = "5678";
  EXPECT_THAT(used->was_mended(), IsOkAndHolds(true));
}

TEST_F(PinInUseTest, ARefusedPinIsNotHandedOutUntilThatIsAllowed) {
  auto login = start();
  EXPECT_THAT(login.pin(), IsOk());
  login.on_refused();
  EXPECT_FALSE(noted.has_value());
  EXPECT_THAT(login.pin(), FailsWith(Status::PsaErrorHardwareFailure));
  used->refuse(std::nullopt);
  EXPECT_THAT(login.pin(), IsOk());
}

}  // namespace
}  // namespace strongroom::pkcs11
