#include "service/reload_requests.h"

#include <memory>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

class ReloadRequestsTest : public ::testing::Test {
 protected:
  void ask() {
    requests_.ask([this, held = held_](const ReloadOutcome& outcome) { told_ = outcome.message; });
  }

  int woken_ = 0;
  std::string told_;
  std::shared_ptr<int> held_ = std::make_shared<int>(0);
  ReloadRequests requests_{[this] { ++woken_; }};
};

TEST_F(ReloadRequestsTest, WakeTheThreadThatReloadsAndAreAnsweredByIt) {
  ask();
  EXPECT_EQ(woken_, 1);
  auto waiting = requests_.take();
  ASSERT_EQ(waiting.size(), 1U);
  waiting.front()({.is_applied = true, .generation = 2, .message = "changed"});
  EXPECT_EQ(told_, "changed");
}

TEST_F(ReloadRequestsTest, ThatComeDuringAReloadWaitForTheNext) {
  ask();
  auto waiting = requests_.take();
  ask();
  EXPECT_EQ(woken_, 2);
  EXPECT_EQ(requests_.take().size(), 1U);
}

TEST_F(ReloadRequestsTest, AreDroppedWhenTheServiceStops) {
  ask();
  requests_.close();
  ask();
  EXPECT_EQ(held_.use_count(), 1);
  EXPECT_EQ(woken_, 1);
  EXPECT_TRUE(requests_.take().empty());
  EXPECT_EQ(told_, "");
}

}  // namespace
}  // namespace strongroom
