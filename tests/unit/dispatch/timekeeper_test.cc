#include "service/dispatch/timekeeper.h"

#include <future>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/support/no_more_threads.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using Clock = Timekeeper::Clock;

TEST(Timekeeper, CallsWhenSomethingIsDueAndNotBefore) {
  std::promise<Clock::time_point> called;
  Timekeeper keeper([&](Clock::time_point now) {
    called.set_value(now);
    return Timekeeper::kNever;
  });
  ASSERT_THAT(keeper.start(), testing::IsOk());
  const auto due = Clock::now() + 20ms;
  keeper.wake_by(due + 1h);
  keeper.wake_by(due);
  keeper.wake_by(due + 2h);
  EXPECT_GE(called.get_future().get(), due);
}

TEST(Timekeeper, CallsAgainWhenItWasAskedTo) {
  std::promise<void> called_thrice;
  int calls = 0;
  Timekeeper keeper([&](Clock::time_point now) {
    if (++calls == 3) called_thrice.set_value();
    return calls < 3 ? now + 1ms : Timekeeper::kNever;
  });
  ASSERT_THAT(keeper.start(), testing::IsOk());
  keeper.wake_by(Clock::now());
  called_thrice.get_future().get();
  keeper.stop();
  EXPECT_EQ(calls, 3);
}

TEST(Timekeeper, HearsWhatBecomesDueWhileItAttends) {
  std::promise<void> called_twice;
  int calls = 0;
  Timekeeper* self = nullptr;
  Timekeeper keeper([&](Clock::time_point now) {
    if (++calls == 2) called_twice.set_value();
    if (calls == 1) self->wake_by(now + 1ms);
    return Timekeeper::kNever;
  });
  self = &keeper;
  ASSERT_THAT(keeper.start(), testing::IsOk());
  keeper.wake_by(Clock::now());
  called_twice.get_future().get();
}

TEST(Timekeeper, RunsWhatIsPostedBeforeItAttends) {
  std::promise<int> attended;
  std::atomic<int> posted = 0;
  Timekeeper keeper([&](Clock::time_point) {
    attended.set_value(posted);
    return Timekeeper::kNever;
  });
  ASSERT_THAT(keeper.start(), testing::IsOk());
  keeper.post([&posted] { ++posted; });
  EXPECT_EQ(attended.get_future().get(), 1);
}

TEST(Timekeeper, StopsWhateverIsDueLater) {
  Timekeeper keeper([](Clock::time_point) { return Timekeeper::kNever; });
  ASSERT_THAT(keeper.start(), testing::IsOk());
  keeper.wake_by(Clock::now() + 1h);
  keeper.stop();
}

TEST(Timekeeper, SaysThatThereIsNoThread) {
  Timekeeper keeper([](Clock::time_point) { return Timekeeper::kNever; });
  const testing::NoMoreThreads none;
  EXPECT_THAT(keeper.start(), testing::FailsWith(Status::ConnectionError));
}

}  // namespace
}  // namespace strongroom
