// By a clock that the test moves.
#include "providers/upkeep/circuit_breaker.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using enum ProviderState;

class CircuitBreakerTest : public ::testing::Test {
 protected:
  void look_succeeds() {
    breaker.look_begins();
    breaker.look_succeeded();
  }
  void look_fails() {
    breaker.look_begins();
    breaker.look_failed(now);
  }
  auto pause() const { return breaker.look_due() - now; }

  CircuitBreaker::Clock::time_point now{1h};
  CircuitBreaker breaker{{.first = 250ms, .longest = 2s}, now};
};

TEST_F(CircuitBreakerTest, AdmitsNothingUntilSomebodyHasLooked) {
  EXPECT_EQ(breaker.state(), Recovering);
  EXPECT_FALSE(breaker.admits_requests());
  EXPECT_EQ(breaker.look_due(), now);
  look_succeeds();
  EXPECT_EQ(breaker.state(), Up);
  EXPECT_TRUE(breaker.admits_requests());
  EXPECT_EQ(breaker.look_due(), CircuitBreaker::kNever);
}

TEST_F(CircuitBreakerTest, OneFailedRequestLeadsToALookAndKeepsNobodyOut) {
  look_succeeds();
  breaker.request_failed(now);
  EXPECT_EQ(breaker.state(), Degraded);
  EXPECT_TRUE(breaker.admits_requests());
  EXPECT_EQ(breaker.look_due(), now);
  look_succeeds();
  EXPECT_EQ(breaker.state(), Up);
}

TEST_F(CircuitBreakerTest, ALookThatFailsOpensIt) {
  look_succeeds();
  breaker.request_failed(now);
  look_fails();
  EXPECT_EQ(breaker.state(), Down);
  EXPECT_FALSE(breaker.admits_requests());
}

TEST_F(CircuitBreakerTest, ALookThatWasPutOffProvesNothing) {
  breaker.look_begins();
  breaker.look_was_put_off(now);
  EXPECT_EQ(breaker.state(), Down);
  look_succeeds();
  breaker.request_failed(now);
  breaker.look_begins();
  breaker.look_was_put_off(now);
  EXPECT_EQ(breaker.state(), Degraded);
  EXPECT_EQ(pause(), 250ms);
}

TEST_F(CircuitBreakerTest, ASilentDeviceOpensItAtOnce) {
  look_succeeds();
  breaker.device_is_silent(now);
  EXPECT_EQ(breaker.state(), Down);
  EXPECT_EQ(breaker.look_due(), now);
}

TEST_F(CircuitBreakerTest, LooksComeAfterPausesThatGrowToABound) {
  for (auto expected : {250ms, 500ms, 1'000ms, 2'000ms, 2'000ms}) {
    look_fails();
    EXPECT_EQ(pause(), expected);
    now = breaker.look_due();
  }
  look_succeeds();
  breaker.device_is_silent(now);
  look_fails();
  EXPECT_EQ(pause(), 250ms) << "the next failure is a new one";
}

TEST_F(CircuitBreakerTest, WhileOneLooksNobodyElseDoes) {
  look_fails();
  breaker.look_begins();
  EXPECT_EQ(breaker.state(), Recovering);
  EXPECT_FALSE(breaker.admits_requests());
  EXPECT_EQ(breaker.look_due(), CircuitBreaker::kNever);
  breaker.look_succeeded();
  EXPECT_EQ(breaker.state(), Up);
}

TEST_F(CircuitBreakerTest, WhatFailsOfOldRequestsWhileItIsOpenChangesNothing) {
  look_fails();
  const auto due = breaker.look_due();
  breaker.request_failed(now);
  breaker.device_is_silent(now);
  EXPECT_EQ(breaker.state(), Down);
  EXPECT_EQ(breaker.look_due(), due);
}

}  // namespace
}  // namespace strongroom
