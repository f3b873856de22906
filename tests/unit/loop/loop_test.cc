#include "service/loop/loop.h"

#include <algorithm>
#include <array>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::IsOk;

struct CallbackWatcher final : Watcher {
  std::function<void(std::uint32_t)> call;
  int out_of_memory = 0;
  void on_ready(std::uint32_t events) override { call(events); }
  void on_out_of_memory() override { ++out_of_memory; }
};

UniqueFd ready_descriptor() {
  return UniqueFd(::eventfd(1, EFD_CLOEXEC));
}

class LoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Loop>> created = Loop::create();
    ASSERT_THAT(created, IsOk());
    loop_ = std::move(*created);
  }

  void stop_after(milliseconds time) {
    loop_->at(Loop::Clock::now() + time, [this] { loop_->stop(); });
  }

  std::unique_ptr<Loop> loop_;
};

TEST_F(LoopTest, RunsTimersInTheOrderInWhichTheyAreDue) {
  std::vector<int> order;
  const Loop::Clock::time_point now = Loop::Clock::now();
  loop_->at(now + milliseconds(20), [&] { order.push_back(3); });
  loop_->at(now + milliseconds(10), [&] { order.push_back(1); });
  loop_->at(now + milliseconds(10), [&] { order.push_back(2); });
  stop_after(milliseconds(30));
  loop_->run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(LoopTest, ATimerIsNeverEarly) {
  const Loop::Clock::time_point due = Loop::Clock::now() + std::chrono::microseconds(2500);
  Loop::Clock::time_point fired;
  loop_->at(due, [&] {
    fired = Loop::Clock::now();
    loop_->stop();
  });
  loop_->run();
  EXPECT_GE(fired, due);
}

// As after SIGCONT: the loop finds its timers late, and what was to come in time may be there.
TEST_F(LoopTest, AfterAnAbsenceTimersWaitForOthersToGoOn) {
  const UniqueFd descriptor(::eventfd(0, EFD_CLOEXEC));
  std::vector<std::string> order;
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t) {
    order.emplace_back("ready");
    loop_->unwatch(descriptor.get());
  };
  ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, watcher), IsOk());
  const Loop::Clock::time_point began = Loop::Clock::now();
  loop_->at(began + milliseconds(10), [&] {
    order.emplace_back("late");
    loop_->stop();
  });
  loop_->post([] { std::this_thread::sleep_for(milliseconds(200)); });
  const std::jthread other([&descriptor] {
    std::this_thread::sleep_for(milliseconds(700));
    ::eventfd_write(descriptor.get(), 1);
  });
  loop_->run();
  EXPECT_THAT(order, ElementsAre("ready", "late"));
  EXPECT_GE(Loop::Clock::now() - began, milliseconds(1200));
}

// As under load that never ends: each turn is longer than what an absence begins with.
TEST_F(LoopTest, TimersWaitForOthersOnceHoweverLongEachTurnTakes) {
  const UniqueFd descriptor = ready_descriptor();
  int turns = 0;
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t) {
    std::this_thread::sleep_for(milliseconds(450));
    if (++turns == 6) loop_->stop();
  };
  ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, watcher), IsOk());
  bool has_fired = false;
  loop_->at(Loop::Clock::now() + milliseconds(10), [&] {
    has_fired = true;
    loop_->stop();
  });
  loop_->run();
  EXPECT_TRUE(has_fired);
}

TEST_F(LoopTest, AReadyWatcherIsCalledBeforeATimerThatIsDue) {
  const UniqueFd descriptor = ready_descriptor();
  std::vector<std::string> order;
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t) {
    order.emplace_back("ready");
    loop_->unwatch(descriptor.get());
  };
  ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, watcher), IsOk());
  loop_->at(Loop::Clock::now() - milliseconds(50), [&] {
    order.emplace_back("due");
    loop_->stop();
  });
  loop_->run();
  EXPECT_THAT(order, ElementsAre("ready", "due"));
}

TEST_F(LoopTest, AWatcherWithoutMemoryIsToldAndTheLoopGoesOn) {
  const UniqueFd descriptor = ready_descriptor();
  CallbackWatcher watcher;
  watcher.call = [](std::uint32_t) { throw std::bad_alloc(); };
  ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, watcher), IsOk());
  stop_after(milliseconds(20));
  loop_->run();
  EXPECT_GT(watcher.out_of_memory, 1);
}

TEST_F(LoopTest, AWatcherThatEndedItsWatchIsNotToldOfMemory) {
  const UniqueFd descriptor = ready_descriptor();
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t) {
    loop_->unwatch(descriptor.get());
    throw std::bad_alloc();
  };
  ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, watcher), IsOk());
  stop_after(milliseconds(20));
  loop_->run();
  EXPECT_EQ(watcher.out_of_memory, 0);
}

TEST_F(LoopTest, ATimerMayCancelAnotherThatIsDueWithIt) {
  bool second_ran = false;
  const Loop::Clock::time_point now = Loop::Clock::now();
  Loop::TimerId second{};
  Loop::TimerId first = loop_->at(now, [&] { loop_->cancel(second); });
  second = loop_->at(now, [&] { second_ran = true; });
  stop_after(milliseconds(5));
  loop_->run();
  EXPECT_FALSE(second_ran);
  loop_->cancel(first);  // has fired: nothing happens
}

TEST_F(LoopTest, RunsWhatOtherThreadsPostInTheirOrder) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 1000;
  std::array<std::vector<int>, kThreads> ran;
  std::vector<std::jthread> threads;
  int left = kThreads * kTasks;
  for (std::vector<int>& mine : ran) {
    threads.emplace_back([&, this] {
      for (int i = 0; i < kTasks; ++i) {
        loop_->post([&, i] {
          mine.push_back(i);
          if (--left == 0) loop_->stop();
        });
      }
    });
  }
  loop_->run();
  for (const std::vector<int>& mine : ran) {
    EXPECT_EQ(mine.size(), kTasks);
    EXPECT_TRUE(std::ranges::is_sorted(mine));
  }
}

TEST_F(LoopTest, WhatWasPostedBeforeStopRunsAndWhatCameAfterIsDestroyed) {
  bool ran_before = false;
  bool ran_after = false;
  auto owned = std::make_shared<int>(1);
  loop_->post([&] { ran_before = true; });
  loop_->stop();
  loop_->post([&ran_after, owned] { ran_after = true; });
  EXPECT_EQ(owned.use_count(), 1);
  loop_->run();
  EXPECT_TRUE(ran_before);
  EXPECT_FALSE(ran_after);
}

TEST_F(LoopTest, ItsMailboxOutlivesIt) {
  std::shared_ptr<Mailbox> mailbox = loop_->mailbox();
  auto owned = std::make_shared<int>(1);
  loop_->post([owned, mailbox] {});
  loop_.reset();
  mailbox->post([owned] {});
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(LoopTest, AWatcherThatAnotherOfTheSameBatchEndedIsNotCalled) {
  UniqueFd first = ready_descriptor();
  UniqueFd second = ready_descriptor();
  auto a = std::make_unique<CallbackWatcher>();
  auto b = std::make_unique<CallbackWatcher>();
  int calls = 0;
  // Whichever is first ends both, and destroys the other.
  auto end_both = [&](std::unique_ptr<CallbackWatcher>& other) {
    ++calls;
    loop_->unwatch(first.get());
    loop_->unwatch(second.get());
    other.reset();
  };
  a->call = [&](std::uint32_t) { end_both(b); };
  b->call = [&](std::uint32_t) { end_both(a); };
  ASSERT_THAT(loop_->watch(first.get(), EPOLLIN, *a), IsOk());
  ASSERT_THAT(loop_->watch(second.get(), EPOLLIN, *b), IsOk());
  stop_after(milliseconds(10));
  loop_->run();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, AnEventOfAClosedDescriptorDoesNotReachTheNextOfItsNumber) {
  std::array<UniqueFd, 2> ready{ready_descriptor(), ready_descriptor()};
  CallbackWatcher replace;
  CallbackWatcher newcomer;
  int newcomer_calls = 0;
  newcomer.call = [&](std::uint32_t) { ++newcomer_calls; };
  std::optional<UniqueFd> reused;
  // The first called closes both; a descriptor that is not ready takes over the other's number.
  replace.call = [&](std::uint32_t) {
    for (UniqueFd& descriptor : ready) {
      loop_->unwatch(descriptor.get());
      descriptor.reset();
    }
    std::array<UniqueFd, 2> quiet{UniqueFd(::eventfd(0, EFD_CLOEXEC)),
                                  UniqueFd(::eventfd(0, EFD_CLOEXEC))};
    reused = std::move(quiet[1]);
    ASSERT_THAT(loop_->watch(reused->get(), EPOLLIN, newcomer), IsOk());
  };
  for (const UniqueFd& descriptor : ready)
    ASSERT_THAT(loop_->watch(descriptor.get(), EPOLLIN, replace), IsOk());
  stop_after(milliseconds(10));
  loop_->run();
  ASSERT_TRUE(reused);
  EXPECT_EQ(newcomer_calls, 0);
}

TEST_F(LoopTest, AWatchWithoutEventsStillTellsThatThePeerIsGone) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  UniqueFd watched(pair[0]);
  UniqueFd peer(pair[1]);
  std::uint32_t seen = 0;
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t events) {
    seen = events;
    loop_->stop();
  };
  ASSERT_THAT(loop_->watch(watched.get(), EPOLLIN, watcher), IsOk());
  ASSERT_THAT(loop_->rewatch(watched.get(), 0), IsOk());
  ASSERT_EQ(::write(peer.get(), "x", 1), 1);
  loop_->at(Loop::Clock::now() + milliseconds(10), [&] {
    EXPECT_EQ(seen, 0U);
    peer.reset();
  });
  loop_->run();
  EXPECT_NE(seen & EPOLLHUP, 0U);
}

TEST_F(LoopTest, AWatcherIsCalledAgainThoughEpollHasNothingToTell) {
  UniqueFd quiet(::eventfd(0, EFD_CLOEXEC));
  std::vector<std::uint32_t> seen;
  CallbackWatcher watcher;
  watcher.call = [&](std::uint32_t events) {
    seen.push_back(events);
    if (seen.size() == 3) return loop_->stop();
    loop_->again(quiet.get());
    loop_->again(quiet.get());
  };
  ASSERT_THAT(loop_->watch(quiet.get(), EPOLLIN, watcher), IsOk());
  loop_->again(quiet.get());
  loop_->run();
  EXPECT_THAT(seen, ElementsAre(0U, 0U, 0U));
}

TEST_F(LoopTest, EverybodyWhoIsReadyHasATurnBeforeAnybodyHasTwo) {
  constexpr std::size_t kMany = 300;
  std::vector<UniqueFd> ready;
  std::vector<CallbackWatcher> watchers(kMany + 1);
  std::vector<int> calls(kMany + 1);
  UniqueFd quiet(::eventfd(0, EFD_CLOEXEC));
  const auto watch = [&](int fd, std::size_t i, bool again) {
    watchers[i].call = [&, fd, i, again](std::uint32_t) {
      ++calls[i];
      if (again) loop_->again(fd);
    };
    ASSERT_THAT(loop_->watch(fd, EPOLLIN, watchers[i]), IsOk());
  };
  for (std::size_t i = 0; i < kMany; ++i)
    watch(ready.emplace_back(ready_descriptor()).get(), i, i % 2 == 0);
  watch(quiet.get(), kMany, true);
  loop_->again(quiet.get());
  stop_after(milliseconds(100));
  loop_->run();
  const auto [least, most] = std::ranges::minmax(calls);
  EXPECT_GE(least, 10);
  // The first turns could not take them all.
  EXPECT_LE(most - least, 5);
}

TEST_F(LoopTest, ATurnAskedForIsNotTakenByTheNextOfTheDescriptorsNumber) {
  UniqueFd quiet(::eventfd(0, EFD_CLOEXEC));
  CallbackWatcher first;
  CallbackWatcher second;
  int calls = 0;
  second.call = [&](std::uint32_t) { ++calls; };
  ASSERT_THAT(loop_->watch(quiet.get(), EPOLLIN, first), IsOk());
  loop_->again(quiet.get());
  loop_->unwatch(quiet.get());
  ASSERT_THAT(loop_->watch(quiet.get(), EPOLLIN, second), IsOk());
  stop_after(milliseconds(5));
  loop_->run();
  EXPECT_EQ(calls, 0);
}

TEST_F(LoopTest, WhatFollowsThePostedRunsOnceATurn) {
  std::vector<int> order;
  loop_->after_posted([&] { order.push_back(0); });
  for (int i = 1; i <= 3; ++i)
    loop_->post([&order, i] { order.push_back(i); });
  loop_->stop();
  loop_->run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 0));
}

TEST_F(LoopTest, TellsWhenItsLastTurnBegan) {
  const Loop::Clock::time_point before = Loop::Clock::now();
  Loop::Clock::time_point during;
  loop_->post([&] { during = Loop::Clock::now(); });
  loop_->stop();
  EXPECT_LT(loop_->last_turn(), before);
  loop_->run();
  EXPECT_GE(loop_->last_turn(), before);
  EXPECT_LE(loop_->last_turn(), during);
}

TEST_F(LoopTest, WatchingWhatIsNoDescriptorFails) {
  CallbackWatcher watcher;
  EXPECT_THAT(loop_->watch(1000, EPOLLIN, watcher), testing::FailsWith(Status::ConnectionError));
  loop_->unwatch(1000);
  loop_->unwatch(5000);
}

}  // namespace
}  // namespace strongroom
