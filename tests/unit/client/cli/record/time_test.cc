#include "client/cli/record/time.h"

#include <gtest/gtest.h>

namespace strongroom::cli {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, IsInUtc) {
  EXPECT_EQ(timestamp(std::chrono::sys_seconds(0s)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(timestamp(std::chrono::sys_seconds(1'772'283'900s)), "2026-02-28T13:05:00Z");
}

TEST(DurationText, HasTheTwoLargestUnits) {
  EXPECT_EQ(duration_text(0s), "0 s");
  EXPECT_EQ(duration_text(59s), "59 s");
  EXPECT_EQ(duration_text(725s), "12 min 5 s");
  EXPECT_EQ(duration_text(3h), "3 h 0 min");
  EXPECT_EQ(duration_text(76h + 59s), "3 d 4 h");
}

}  // namespace
}  // namespace strongroom::cli
