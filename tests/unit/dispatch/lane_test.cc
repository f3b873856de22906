#include "service/dispatch/lane.h"

#include <future>
#include <latch>
#include <sys/resource.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"
#include "tests/support/no_more_threads.h"

namespace strongroom {
namespace {

TEST(Lane, RunsOnItsWorkersBehindTheLoops) {
  Lane lane("test", 1);
  ASSERT_THAT(lane.start(), testing::IsOk());
  std::promise<int> nice;
  lane.submit(Principal::user(1),
              [&] { nice.set_value(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()))); });
  EXPECT_GE(nice.get_future().get(), 10);
}

TEST(Lane, WorkersRunAtTheSameTime) {
  Lane lane("test", 2);
  ASSERT_THAT(lane.start(), testing::IsOk());
  std::latch both(2);
  for (int i = 0; i < 2; ++i)
    lane.submit(Principal::user(1), [&] { both.arrive_and_wait(); });
  both.wait();
}

TEST(Lane, StoppingEndsRunningWorkAndDropsTheRestUnrun) {
  Lane lane("test", 1);
  ASSERT_THAT(lane.start(), testing::IsOk());
  std::latch started(1);
  std::promise<void> release;
  bool is_ended = false;
  bool is_run = false;
  lane.submit(Principal::user(1), [&] {
    started.count_down();
    release.get_future().wait();
    is_ended = true;
  });
  std::promise<void> kept;
  auto dropped = kept.get_future();
  lane.submit(Principal::user(1), [&is_run, kept = std::move(kept)] { is_run = true; });
  started.wait();
  EXPECT_TRUE(lane.has_waiting(Principal::user(1)));
  auto stopping = std::async(std::launch::async, [&] { lane.stop(); });
  EXPECT_THROW(dropped.get(), std::future_error);
  release.set_value();
  stopping.get();
  EXPECT_TRUE(is_ended);
  EXPECT_FALSE(is_run);
}

TEST(Lane, WorkSubmittedAfterStoppingIsDroppedUnrun) {
  Lane lane("test", 1);
  ASSERT_THAT(lane.start(), testing::IsOk());
  lane.stop();
  std::promise<void> kept;
  auto dropped = kept.get_future();
  lane.submit(Principal::user(1), [kept = std::move(kept)]() mutable { kept.set_value(); });
  EXPECT_THROW(dropped.get(), std::future_error);
}

TEST(Lane, SaysThatThereIsNoThread) {
  Lane lane("test", 2);
  const testing::NoMoreThreads none;
  Result<> started = lane.start();
  ASSERT_THAT(started, testing::FailsWith(Status::ConnectionError));
  EXPECT_THAT(started.error().message(), ::testing::HasSubstr("cannot start a thread"));
}

}  // namespace
}  // namespace strongroom
