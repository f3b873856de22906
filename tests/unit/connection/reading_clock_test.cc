#include "service/connection/reading_clock.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Counts = ReadingClock::Counts;

class ReadingClockTest : public ::testing::Test {
 protected:
  std::optional<ReadingClock::Time> due(std::size_t announced = 0) const {
    return clock_.due(announced, settings_);
  }

  const ReadingClock::Time start_ = ReadingClock::Time() + hours(1000);
  const ConnectionSettings settings_;
  ReadingClock clock_{start_};
};

TEST_F(ReadingClockTest, TheFirstByteMayTakeAsLongAsARequest) {
  EXPECT_EQ(due(), start_ + seconds(5));
  clock_.await(Awaited::FirstByte, Counts::Yes, start_ + seconds(3));
  EXPECT_EQ(due(), start_ + seconds(5));
}

TEST_F(ReadingClockTest, ARequestHasASecondMoreForEveryBufferItAnnounces) {
  clock_.await(Awaited::RestOfRequest, Counts::Yes, start_ + seconds(3));
  EXPECT_EQ(due(), start_ + seconds(8));
  EXPECT_EQ(due(1), start_ + seconds(9));
  EXPECT_EQ(due(kBufferStep), start_ + seconds(9));
  EXPECT_EQ(due(16 * kBufferStep), start_ + seconds(24));
}

TEST_F(ReadingClockTest, WhatIsNotReadDoesNotCount) {
  clock_.await(Awaited::RestOfRequest, Counts::Yes, start_);
  clock_.await(Awaited::RestOfRequest, Counts::No, start_ + seconds(4));
  EXPECT_EQ(due(), std::nullopt);
  clock_.await(Awaited::RestOfRequest, Counts::No, start_ + seconds(50));
  clock_.await(Awaited::RestOfRequest, Counts::Yes, start_ + seconds(104));
  EXPECT_EQ(due(), start_ + seconds(105));
}

TEST_F(ReadingClockTest, AnotherThingAwaitedBeginsAnew) {
  clock_.await(Awaited::FirstByte, Counts::No, start_);
  clock_.await(Awaited::RestOfRequest, Counts::Yes, start_ + minutes(1));
  EXPECT_EQ(due(), start_ + minutes(1) + seconds(5));
}

TEST_F(ReadingClockTest, BetweenRequestsItIsTheIdleTimeOrTheAge) {
  clock_.await(Awaited::NextRequest, Counts::Yes, start_ + minutes(1));
  EXPECT_EQ(due(), start_ + minutes(6));
  clock_.await(Awaited::Nothing, Counts::Yes, start_ + minutes(2));
  EXPECT_EQ(due(), std::nullopt);
  clock_.await(Awaited::NextRequest, Counts::Yes, start_ + minutes(58));
  EXPECT_EQ(due(), start_ + hours(1));
}

TEST_F(ReadingClockTest, ItIsOverWithTheAge) {
  EXPECT_FALSE(clock_.is_over(start_ + hours(1) - seconds(1), settings_));
  EXPECT_TRUE(clock_.is_over(start_ + hours(1), settings_));
}

}  // namespace
}  // namespace strongroom
