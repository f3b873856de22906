#include "service/watchdog.h"

#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>

#include <gmock/gmock.h>

#include "service/dispatch/timekeeper.h"
#include "service/loop/loop.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A loop at work on a thread of its own.
class RunningLoop {
 public:
  RunningLoop() : thread_([this] { loop_->run(); }) {}
  ~RunningLoop() { loop_->stop(); }
  RunningLoop(const RunningLoop&) = delete;
  RunningLoop& operator=(const RunningLoop&) = delete;

  Loop& operator*() { return *loop_; }
  Watchdog::Watched watched(std::string name) {
    return {std::move(name), [this](Watchdog::Task task) { loop_->post(std::move(task)); }};
  }
  // Until all that was posted has run.
  void settle() {
    std::binary_semaphore done{0};
    loop_->post([&done] { done.release(); });
    done.acquire();
  }

 private:
  std::unique_ptr<Loop> loop_ = *Loop::create();
  std::jthread thread_;
};

TEST(Watchdog, FindsNobodySilentAmongThreadsThatGoOn) {
  RunningLoop first;
  RunningLoop second;
  Watchdog watchdog({first.watched("first"), second.watched("second")});
  for (int round = 0; round < 10; ++round) {
    EXPECT_THAT(watchdog.silent(), IsEmpty());
    first.settle();
    second.settle();
  }
}

TEST(Watchdog, NamesALoopThatIsBlockedUntilItGoesOn) {
  RunningLoop well;
  RunningLoop stuck;
  Watchdog watchdog({well.watched("well"), stuck.watched("stuck")});
  std::binary_semaphore is_blocked{0};
  std::binary_semaphore let_go{0};
  (*stuck).post([&] {
    is_blocked.release();
    let_go.acquire();
  });
  is_blocked.acquire();
  EXPECT_THAT(watchdog.silent(), IsEmpty());  // they have just been asked
  for (int round = 0; round < 3; ++round) {
    well.settle();
    EXPECT_THAT(watchdog.silent(), ElementsAre("stuck"));
  }
  let_go.release();
  stuck.settle();
  well.settle();
  EXPECT_THAT(watchdog.silent(), IsEmpty());
}

TEST(Watchdog, AsksAStuckThreadOnce) {
  int asked = 0;
  Watchdog watchdog({{"deaf", [&asked](const Watchdog::Task&) { ++asked; }}});
  for (int round = 0; round < 100; ++round)
    std::ignore = watchdog.silent();
  EXPECT_EQ(asked, 1);
}

TEST(Watchdog, MayEndBeforeTheAnswersCome) {
  std::vector<Watchdog::Task> late;
  {
    Watchdog watchdog(
        {{"late", [&late](Watchdog::Task task) { late.push_back(std::move(task)); }}});
    std::ignore = watchdog.silent();
  }
  for (Watchdog::Task& task : late)
    task();
}

TEST(Watchdog, NamesATimekeeperThatIsBlocked) {
  std::binary_semaphore is_blocked{0};
  std::counting_semaphore<> let_go{0};
  Timekeeper keeper([&](Timekeeper::Clock::time_point) {
    is_blocked.release();
    let_go.acquire();
    return Timekeeper::kNever;
  });
  ASSERT_THAT(keeper.start(), testing::IsOk());
  Watchdog watchdog(
      {{"timekeeper", [&keeper](Watchdog::Task task) { keeper.post(std::move(task)); }}});
  keeper.wake_by(Timekeeper::Clock::now());
  is_blocked.acquire();
  EXPECT_THAT(watchdog.silent(), IsEmpty());
  EXPECT_THAT(watchdog.silent(), ElementsAre("timekeeper"));
  let_go.release();
  is_blocked.acquire();  // having run the task first
  EXPECT_THAT(watchdog.silent(), IsEmpty());
  let_go.release();
}

}  // namespace
}  // namespace strongroom
