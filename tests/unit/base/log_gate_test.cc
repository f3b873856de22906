#include "base/log_gate.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(LogGate, LetsOneASecondThroughAndCountsTheRest) {
  LogGate gate;
  const LogGate::Clock::time_point start;
  EXPECT_EQ(gate.pass(start), 0U);
  EXPECT_EQ(gate.pass(start + std::chrono::milliseconds(1)), std::nullopt);
  EXPECT_EQ(gate.pass(start + std::chrono::milliseconds(999)), std::nullopt);
  EXPECT_EQ(gate.pass(start + std::chrono::seconds(1)), 2U);
  EXPECT_EQ(gate.pass(start + std::chrono::seconds(3)), 0U);
}

}  // namespace
}  // namespace strongroom
