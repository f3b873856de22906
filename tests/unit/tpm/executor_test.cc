#include "providers/tpm/executor.h"

#include <future>
#include <thread>

#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::IsOk;

// Holds up the executor from its making on, until its end.
class Hold {
 public:
  explicit Hold(Executor& executor) {
    executor.post([state = state_](Tpm&) {
      state->has_begun.set_value();
      state->may_go_on.get_future().wait();
    });
    state_->has_begun.get_future().wait();
  }
  ~Hold() { state_->may_go_on.set_value(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  struct State {
    std::promise<void> has_begun, may_go_on;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

class ExecutorTest : public TpmFixture {
 protected:
  static Result<std::size_t> draw(Executor& executor, std::chrono::milliseconds limit = 10s) {
    return executor.run<std::size_t>(limit, [](Tpm& tpm) -> Outcome<std::size_t> {
      auto drawn = TRY(draw_random(tpm.secured(), 8));
      return drawn.size();
    });
  }
};

TEST_F(ExecutorTest, ServesManyThreadsOneAfterTheOther) {
  Executor executor(made());
  std::atomic<int> served = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int j = 0; j < 25; ++j)
          served += draw(executor).has_value() ? 1 : 0;
      });
  }
  EXPECT_EQ(served, 100);
}

TEST_F(ExecutorTest, NobodyWaitsForAFrozenTpmForEver) {
  Executor executor(made());
  ASSERT_THAT(draw(executor), IsOk());
  WithSwTpm::tpm().freeze();
  EXPECT_THAT(draw(executor, 50ms), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(draw(executor, 50ms), FailsWith(Status::PsaErrorCommunicationFailure));
  WithSwTpm::tpm().thaw();
  EXPECT_THAT(draw(executor), IsOk());
}

TEST_F(ExecutorTest, WhatNobodyWaitsForAnyMoreIsNotBegun) {
  Executor executor(made());
  ASSERT_THAT(draw(executor), IsOk());
  WithSwTpm::tpm().freeze();
  std::ignore = draw(executor, 20ms);
  faults.forget_sent();
  for (int i = 0; i < 3; ++i)
    std::ignore = draw(executor, 20ms);
  WithSwTpm::tpm().thaw();
  EXPECT_THAT(draw(executor), IsOk());
  EXPECT_EQ(faults.sent().size(), 1U);
}

TEST_F(ExecutorTest, WhoeverWasAboutToWaitWhenCallersWereAbandonedDoesNot) {
  Executor executor(made());
  {
    Hold hold(executor);
    const Executor::Ticket before = executor.ticket();
    executor.abandon_callers();
    const auto begin = std::chrono::steady_clock::now();
    auto late = executor.run<int>(30s, [](Tpm&) -> Outcome<int> { return 0; }, before);
    EXPECT_THAT(late, FailsWith(Status::ConnectionError));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  }
  EXPECT_THAT(draw(executor), IsOk()) << "others may come";
}

TEST_F(ExecutorTest, WhatIsUrgentComesBeforeWhatHasWaitedLonger) {
  Executor executor(made());
  ASSERT_THAT(draw(executor), IsOk());
  auto hold = std::make_unique<Hold>(executor);
  std::vector<std::string> order;
  for (const char* which : {"first", "second"})
    executor.post([&, which](Tpm&) { order.emplace_back(which); });
  auto urgent = std::async(std::launch::async, [&] {
    return executor.run_urgently<int>(20s, [&](Tpm&) -> Outcome<int> {
      order.emplace_back("urgent");
      return 0;
    });
  });
  std::this_thread::sleep_for(100ms);
  hold.reset();
  EXPECT_THAT(urgent.get(), IsOk());
  ASSERT_THAT(draw(executor), IsOk());
  EXPECT_THAT(order, ::testing::ElementsAre("urgent", "first", "second"));
}

TEST_F(ExecutorTest, WhatIsDoneEvenLateIsDoneWithoutItsCaller) {
  Executor executor(made());
  ASSERT_THAT(draw(executor), IsOk());
  auto hold = std::make_unique<Hold>(executor);
  auto done = std::make_shared<std::atomic<int>>(0);
  auto late =
      executor.run_urgently_even_late<int>(20ms, [done](Tpm&) -> Outcome<int> { return ++*done; });
  EXPECT_THAT(late, FailsWith(Status::PsaErrorCommunicationFailure));
  hold.reset();
  ASSERT_THAT(draw(executor), IsOk());
  EXPECT_EQ(*done, 1);
}

TEST_F(ExecutorTest, WhatWasPostedCanBeDropped) {
  Executor executor(made());
  ASSERT_THAT(draw(executor), IsOk());
  WithSwTpm::tpm().freeze();
  std::ignore = draw(executor, 20ms);
  auto held = std::make_shared<int>(0);
  executor.post([held](Tpm&) { ++*held; });
  executor.post([held](Tpm&) { ++*held; }, Executor::Clock::now() + 1h);
  EXPECT_EQ(held.use_count(), 3);
  executor.end_posting();
  executor.post([held](Tpm&) { ++*held; });
  EXPECT_EQ(held.use_count(), 1);
  WithSwTpm::tpm().thaw();
  EXPECT_THAT(draw(executor), IsOk());
  EXPECT_EQ(*held, 0);
}

TEST_F(ExecutorTest, AFrozenTpmDoesNotHoldUpTheEnd) {
  auto executor = std::make_unique<Executor>(made());
  ASSERT_THAT(draw(*executor), IsOk());
  WithSwTpm::tpm().freeze();
  std::ignore = draw(*executor, 20ms);
  const auto begin = std::chrono::steady_clock::now();
  executor.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  WithSwTpm::tpm().thaw();
  // The thread that was left to itself uses the faults of this test until it ends.
  std::this_thread::sleep_for(200ms);
}

}  // namespace
}  // namespace strongroom::tpm
