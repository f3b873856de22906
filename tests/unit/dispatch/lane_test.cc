#include "service/dispatch/lane.h"

#include <future>
#include <latch>
#include <sys/resource.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "service/dispatch/cost.h"
#include "tests/support/fake_provider.h"
#include "tests/support/matchers.h"
#include "tests/support/no_more_threads.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::Gate;
using testing::IsOk;
using Answer = std::future<Result<Bytes>>;

constexpr Cost kSlow = kQuickCost + Cost(1);

int niceness() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

class LaneTest : public ::testing::Test {
 protected:
  void start(Lane::Settings settings) {
    settings.name = "test";
    lane_.emplace(std::move(settings));
    ASSERT_THAT(lane_->start(), IsOk());
  }

  Job job(Cost cost, std::function<void(std::stop_token)> work, uid_t uid = 1,
          std::stop_token gone = {}) {
    return {.account = accounts_->account_of(Principal::user(uid)),
            .gone = std::move(gone),
            .reply = {},
            .generation = nullptr,
            .plan = nullptr,
            .work = {.cost = cost, .run = [work = std::move(work)](Reply reply, auto stop) {
                       work(std::move(stop));
                       reply(Bytes());
                     }}};
  }

  // Broken when the job is destroyed unanswered.
  Answer submit(Job job) {
    std::promise<Result<Bytes>> promise;
    Answer answer = promise.get_future();
    job.reply = [promise = std::move(promise)](Result<Bytes> result) mutable {
      promise.set_value(std::move(result));
    };
    lane_->submit(std::move(job));
    return answer;
  }

  // Until the gate is opened a worker does nothing else.
  Answer occupy(Cost cost = Cost(1), uid_t uid = 99) {
    gate_.close();
    Answer answer = submit(job(cost, [this](const auto&) { gate_.pass({}); }, uid));
    gate_.await_entered(++occupied_);
    return answer;
  }

  Cost charged() { return accounts_->held().queued; }
  static bool is_ready(Answer& answer) { return answer.wait_for(0s) == std::future_status::ready; }

  std::shared_ptr<Accounts> accounts_ = Accounts::create({});
  Gate gate_;
  int occupied_ = 0;
  std::optional<Lane> lane_;
};

TEST_F(LaneTest, RunsOnItsWorkersBehindTheLoopsAndSlowWorkBehindQuickWork) {
  start({.workers = 1, .slow_workers = 1});
  int quick = 0;
  int slow = 0;
  ASSERT_THAT(submit(job(kQuickCost, [&](const auto&) { quick = niceness(); })).get(), IsOk());
  ASSERT_THAT(submit(job(kSlow, [&](const auto&) { slow = niceness(); })).get(), IsOk());
  EXPECT_EQ(quick, 10);
  EXPECT_EQ(slow, 19);
}

TEST_F(LaneTest, WorkersRunAtTheSameTime) {
  start({.workers = 2});
  std::latch both(2);
  std::vector<Answer> answers;
  for (int i = 0; i < 2; ++i)
    answers.push_back(submit(job(Cost(1), [&](const auto&) { both.arrive_and_wait(); })));
  for (Answer& answer : answers)
    EXPECT_THAT(answer.get(), IsOk());
}

TEST_F(LaneTest, SlowWorkKeepsNoQuickWorkerBusy) {
  start({.workers = 1, .slow_workers = 1});
  Answer slow = occupy(kSlow);
  EXPECT_THAT(submit(job(Cost(1), [](const auto&) {})).get(), IsOk());
  gate_.open();
  EXPECT_THAT(slow.get(), IsOk());
}

TEST_F(LaneTest, OnePrincipalHasOneSlowWorkerAtATime) {
  start({.workers = 1, .slow_workers = 2});
  Answer first = occupy(kSlow, 1);
  Answer second = submit(job(kSlow, [](const auto&) {}, 1));
  EXPECT_THAT(submit(job(kSlow, [](const auto&) {}, 2)).get(), IsOk());
  EXPECT_FALSE(is_ready(second));
  gate_.open();
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(second.get(), IsOk());
}

TEST_F(LaneTest, WithoutSlowWorkersAllWorkIsOfOneClass) {
  start({.workers = 1});
  EXPECT_THAT(submit(job(kSlow, [](const auto&) {})).get(), IsOk());
}

TEST_F(LaneTest, MoreWorkersTakeWhatWaits) {
  start({.workers = 1});
  Answer running = occupy();
  Answer waiting = submit(job(Cost(1), [](const auto&) {}));
  EXPECT_FALSE(is_ready(waiting));
  ASSERT_THAT(lane_->man(2, 0), IsOk());
  EXPECT_THAT(waiting.get(), IsOk());
  gate_.open();
  EXPECT_THAT(running.get(), IsOk());
}

TEST_F(LaneTest, WorkersThatLeaveEndWhatTheyRunAndNobodyWaitsForThem) {
  start({.workers = 2, .slow_workers = 2});
  std::vector<Answer> running;
  running.push_back(occupy());
  running.push_back(occupy());
  running.push_back(occupy(kSlow));
  ASSERT_THAT(lane_->man(1, 1), IsOk());
  gate_.open();
  for (Answer& answer : running)
    EXPECT_THAT(answer.get(), IsOk());
  for (const Cost cost : {Cost(1), kSlow})
    EXPECT_THAT(submit(job(cost, [](const auto&) {})).get(), IsOk());
}

TEST_F(LaneTest, NothingIsForgottenWhileWorkersComeAndGo) {
  start({.workers = 1});
  std::vector<Answer> answers;
  for (unsigned round = 0; round < 300; ++round) {
    ASSERT_THAT(lane_->man(1 + round % 4, 0), IsOk());
    for (int i = 0; i < 3; ++i)
      answers.push_back(submit(job(Cost(1), [](const auto&) {})));
  }
  for (Answer& answer : answers)
    EXPECT_THAT(answer.get(), IsOk());
}

TEST_F(LaneTest, WithoutAThreadToGiveItsWorkersStay) {
  start({.workers = 1, .slow_workers = 1});
  {
    const testing::NoMoreThreads none;
    EXPECT_THAT(lane_->man(2, 2), FailsWith(Status::ConnectionError));
  }
  for (const Cost cost : {Cost(1), kSlow})
    EXPECT_THAT(submit(job(cost, [](const auto&) {})).get(), IsOk());
}

TEST_F(LaneTest, ServesInTheOrderOfItsQueue) {
  start({.workers = 1});
  Answer running = occupy();
  std::string ran;
  std::vector<Answer> answers;
  for (char c : std::string("aaab"))
    answers.push_back(submit(job(Cost(10), [&ran, c](const auto&) { ran += c; }, c)));
  gate_.open();
  for (Answer& answer : answers)
    EXPECT_THAT(answer.get(), IsOk());
  EXPECT_EQ(ran, "abaa");
}

TEST_F(LaneTest, WhatWaitsIsChargedAndWhatRunsIsNot) {
  start({.workers = 1});
  Answer running = occupy(Cost(7));
  EXPECT_EQ(charged(), Cost(0));
  Answer waiting = submit(job(Cost(300), [](const auto&) {}));
  EXPECT_EQ(charged(), Cost(300));
  EXPECT_TRUE(lane_->has_waiting(Principal::user(1)));
  gate_.open();
  EXPECT_THAT(waiting.get(), IsOk());
  EXPECT_EQ(charged(), Cost(0));
}

TEST_F(LaneTest, ReportsWhatItHasToDo) {
  start({.workers = 1, .slow_workers = 1});
  Answer running = occupy();
  Answer first = submit(job(Cost(300), [](const auto&) {}));
  Answer second = submit(job(Cost(200), [](const auto&) {}));
  const LaneReport report = lane_->report(Lane::Clock::now() + 3s);
  EXPECT_EQ(report.name, "test");
  EXPECT_EQ(report.queued, 2U);
  EXPECT_EQ(report.queued_cost, Cost(500));
  EXPECT_EQ(report.running, 1U);
  EXPECT_GE(report.oldest_wait, 3s);
  EXPECT_LT(report.oldest_wait, 60s);
  gate_.open();
  EXPECT_THAT(second.get(), IsOk());
  EXPECT_EQ(lane_->report(Lane::Clock::now()).oldest_wait, 0s);
}

TEST_F(LaneTest, LateWorkIsRefusedWhileEveryWorkerIsStuck) {
  for (const auto& [kind, status] :
       {std::pair(Lane::Kind::Software, Status::PsaErrorInsufficientMemory),
        std::pair(Lane::Kind::Device, Status::PsaErrorHardwareFailure)}) {
    start({.kind = kind, .workers = 1});
    Answer running = occupy();
    Answer late = submit(job(Cost(1), [](const auto&) {}));
    const auto now = Lane::Clock::now();
    EXPECT_GT(lane_->attend(now + 7s), now + 7s);
    EXPECT_FALSE(is_ready(late));
    lane_->attend(now + 8s);
    ASSERT_TRUE(is_ready(late));
    EXPECT_THAT(late.get(), FailsWith(status));
    EXPECT_EQ(charged(), Cost(0));
    gate_.open();
    EXPECT_THAT(running.get(), IsOk());
  }
}

TEST_F(LaneTest, ANewTimeoutHoldsForWhatWaitsAlready) {
  start({.workers = 1});
  Answer running = occupy();
  Answer late = submit(job(Cost(1), [](const auto&) {}));
  lane_->limit_queueing(1s);
  lane_->attend(Lane::Clock::now() + 2s);
  EXPECT_TRUE(is_ready(late));
  gate_.open();
}

TEST_F(LaneTest, SaysWhenItHasToBeAttended) {
  std::vector<Lane::Clock::time_point> dues;
  std::mutex mutex;
  Lane lane({.name = "test", .workers = 1}, [&](auto due) {
    const std::lock_guard lock(mutex);
    dues.push_back(due);
  });
  lane_.emplace(Lane::Settings{.name = "unused"});
  const auto now = Lane::Clock::now();
  lane.submit(job(Cost(1), [](const auto&) {}));
  const std::lock_guard lock(mutex);
  ASSERT_EQ(dues.size(), 1U);
  EXPECT_GE(dues[0], now + 8s);
  EXPECT_LT(dues[0], now + 60s);
  EXPECT_EQ(lane.attend(now), dues[0]);
}

TEST_F(LaneTest, QueuedWorkOfAGoneClientIsDroppedAtOnce) {
  start({.workers = 1});
  Answer running = occupy();
  std::stop_source gone;
  Answer dropped = submit(job(Cost(300), [](const auto&) {}, 1, gone.get_token()));
  gone.request_stop();
  EXPECT_THROW(dropped.get(), std::future_error);
  EXPECT_EQ(charged(), Cost(0));
  EXPECT_FALSE(lane_->has_waiting(Principal::user(1)));
  gate_.open();
}

TEST_F(LaneTest, WorkOfAClientThatIsGoneAlreadyIsNotQueued) {
  start({.workers = 1});
  Answer running = occupy();
  std::stop_source gone;
  gone.request_stop();
  EXPECT_THROW(
      submit(job(Cost(1), [](const auto&) {}, 1, gone.get_token())).get(), std::future_error);
  gate_.open();
}

TEST_F(LaneTest, RunningWorkOfAGoneClientIsCancelled) {
  start({.workers = 1});
  gate_.close();
  std::stop_source gone;
  bool is_cancelled = false;
  Answer running = submit(job(
      Cost(1), [&](const std::stop_token& stop) { is_cancelled = !gate_.pass(stop); }, 1,
      gone.get_token()));
  gate_.await_entered(1);
  gone.request_stop();
  EXPECT_THAT(running.get(), IsOk());
  EXPECT_TRUE(is_cancelled);
}

TEST_F(LaneTest, WhatRunsTooLongIsCancelledOnce) {
  start({.workers = 1});
  gate_.close();
  bool is_cancelled = false;
  Answer running =
      submit(job(Cost(1), [&](const std::stop_token& stop) { is_cancelled = !gate_.pass(stop); }));
  gate_.await_entered(1);
  const auto now = Lane::Clock::now();
  const auto due = lane_->attend(now + 59s);
  EXPECT_LE(due, now + 60s);
  EXPECT_FALSE(is_ready(running));
  EXPECT_GT(lane_->attend(now + 60s), now + 60s);
  EXPECT_THAT(running.get(), IsOk());
  EXPECT_TRUE(is_cancelled);
}

TEST_F(LaneTest, WorkPlannedHereIsChargedWhatItReallyCosts) {
  start({.workers = 1, .slow_workers = 1});
  Answer running = occupy();
  std::string ran;
  Job unplanned = job(Cost(10), nullptr, 1);
  unplanned.plan = [&, planned = job(Cost(1'000), [&](const auto&) {
                                   ran += '1';
                                 }).work]() mutable -> Result<Work> { return std::move(planned); };
  unplanned.work.run = nullptr;
  std::vector<Answer> answers;
  answers.push_back(submit(std::move(unplanned)));
  answers.push_back(submit(job(Cost(10), [&](const auto&) { ran += '1'; }, 1)));
  for (int i = 0; i < 5; ++i)
    answers.push_back(submit(job(Cost(10), [&](const auto&) { ran += '2'; }, 2)));
  gate_.open();
  for (Answer& answer : answers)
    EXPECT_THAT(answer.get(), IsOk());
  EXPECT_EQ(ran, "1222221");
}

TEST_F(LaneTest, WorkThatTurnsOutToBeSlowMovesToSlowWorkers) {
  start({.workers = 1, .slow_workers = 1});
  int nice = 0;
  Job unplanned = job(Cost(10), nullptr);
  unplanned.plan = [&, planned = job(kSlow, [&](const auto&) {
                                   nice = niceness();
                                 }).work]() mutable -> Result<Work> { return std::move(planned); };
  EXPECT_THAT(submit(std::move(unplanned)).get(), IsOk());
  EXPECT_EQ(nice, 19);
  EXPECT_EQ(charged(), Cost(0));
}

TEST_F(LaneTest, AFailedPlanIsTheAnswer) {
  start({.workers = 1});
  Job unplanned = job(Cost(10), nullptr);
  unplanned.plan = []() -> Result<Work> { return fail(Status::PsaErrorDoesNotExist, "test"); };
  EXPECT_THAT(submit(std::move(unplanned)).get(), FailsWith(Status::PsaErrorDoesNotExist));
}

TEST_F(LaneTest, StoppingCancelsRunningWorkAndDropsTheRestUnrun) {
  start({.workers = 1});
  gate_.close();
  bool is_cancelled = false;
  Answer running =
      submit(job(Cost(1), [&](const std::stop_token& stop) { is_cancelled = !gate_.pass(stop); }));
  gate_.await_entered(1);
  bool is_run = false;
  Answer dropped = submit(job(Cost(1), [&](const auto&) { is_run = true; }));
  lane_->stop();
  EXPECT_THROW(dropped.get(), std::future_error);
  EXPECT_THAT(running.get(), IsOk());
  EXPECT_TRUE(is_cancelled);
  EXPECT_FALSE(is_run);
  EXPECT_EQ(charged(), Cost(0));
}

TEST_F(LaneTest, WorkSubmittedAfterStoppingIsDroppedUnrun) {
  start({.workers = 1});
  lane_->stop();
  EXPECT_THROW(submit(job(Cost(1), [](const auto&) {})).get(), std::future_error);
}

TEST_F(LaneTest, ClientsMayGoWhileTheirWorkIsServed) {
  start({.workers = 2, .slow_workers = 1});
  for (int round = 0; round < 500; ++round) {
    std::stop_source gone;
    submit(job(
        round % 3 == 0 ? kSlow : Cost(1), [](const auto&) {}, static_cast<uid_t>(round % 4),
        gone.get_token()));
    gone.request_stop();
  }
  lane_->stop();
  EXPECT_EQ(charged(), Cost(0));
}

TEST(Lane, SaysThatThereIsNoThread) {
  Lane lane({.name = "test", .workers = 2});
  const testing::NoMoreThreads none;
  Result<> started = lane.start();
  ASSERT_THAT(started, FailsWith(Status::ConnectionError));
  EXPECT_THAT(started.error().message(), ::testing::HasSubstr("cannot start a thread"));
}

}  // namespace
}  // namespace strongroom
