#include "service/dispatch/lane.h"

#include <atomic>
#include <future>
#include <latch>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(Lane, RunsOnItsWorkersBehindTheLoops) {
  Lane lane("test", 1);
  std::promise<int> nice;
  lane.submit(1,
              [&] { nice.set_value(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()))); });
  EXPECT_GE(nice.get_future().get(), 10);
}

TEST(Lane, WorkersRunAtTheSameTime) {
  Lane lane("test", 2);
  std::latch both(2);
  for (int i = 0; i < 2; ++i)
    lane.submit(1, [&] { both.arrive_and_wait(); });
  both.wait();
}

TEST(Lane, StoppingEndsRunningWorkAndDropsTheRestUnrun) {
  Lane lane("test", 1);
  std::latch started(1);
  std::promise<void> release;
  std::atomic<bool> is_ended = false;
  lane.submit(1, [&] {
    started.count_down();
    release.get_future().wait();
    is_ended = true;
  });
  auto token = std::make_shared<int>(1);
  lane.submit(1, [&is_ended, token] { is_ended = false; });
  started.wait();
  EXPECT_TRUE(lane.has_waiting(1));
  auto stopping = std::async(std::launch::async, [&] { lane.stop(); });
  release.set_value();
  stopping.get();
  EXPECT_TRUE(is_ended);
  EXPECT_EQ(token.use_count(), 1);
  lane.submit(1, [&is_ended, token] { is_ended = false; });
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace strongroom
