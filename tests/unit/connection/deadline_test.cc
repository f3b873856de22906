#include "service/connection/deadline.h"

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using std::chrono::milliseconds;
using Clock = Loop::Clock;

class DeadlineTest : public ::testing::Test {
 protected:
  // What is left to happen, happens within this time.
  void run_for(milliseconds time) {
    loop_->at(Clock::now() + time, [this] { loop_->stop(); });
    loop_->run();
  }

  std::unique_ptr<Loop> loop_ = std::move(Loop::create()).value();
  std::vector<Clock::time_point> met_;
  std::optional<Deadline> deadline_{std::in_place, *loop_,
                                    [this] { met_.push_back(Clock::now()); }};
};

TEST_F(DeadlineTest, MovedToALaterTimeItIsMetThenAndOnce) {
  const Clock::time_point start = Clock::now();
  deadline_->set(start + milliseconds(5));
  deadline_->set(start + milliseconds(20));
  run_for(milliseconds(60));
  ASSERT_EQ(met_.size(), 1U);
  EXPECT_GE(met_.front(), start + milliseconds(20));
  EXPECT_FALSE(deadline_->is_set());
}

TEST_F(DeadlineTest, MovedToAnEarlierTimeItIsMetThen) {
  const Clock::time_point start = Clock::now();
  deadline_->set(start + std::chrono::hours(1));
  deadline_->set(start + milliseconds(5));
  run_for(milliseconds(60));
  EXPECT_EQ(met_.size(), 1U);
}

TEST_F(DeadlineTest, ClearedOrDestroyedItIsNotMet) {
  deadline_->set(Clock::now());
  deadline_->clear();
  std::optional<Deadline> destroyed(std::in_place, *loop_, [this] { met_.emplace_back(); });
  destroyed->set(Clock::now());
  destroyed.reset();
  run_for(milliseconds(10));
  EXPECT_TRUE(met_.empty());
}

TEST_F(DeadlineTest, ItMayBeDestroyedWhenItIsMet) {
  deadline_.reset();
  std::unique_ptr<Deadline> own;
  own = std::make_unique<Deadline>(*loop_, [&] { own.reset(); });
  own->set(Clock::now());
  run_for(milliseconds(10));
  EXPECT_EQ(own, nullptr);
}

}  // namespace
}  // namespace strongroom
