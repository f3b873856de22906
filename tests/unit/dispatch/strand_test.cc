#include "service/dispatch/parts/strand.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

using Turn = Strand::Turn;
using When = Strand::When;

TEST(Strand, AFreeTurnIsGivenAtOnce) {
  auto strand = std::make_shared<Strand>();
  int runs = 0;
  for (int i = 0; i < 3; ++i)
    strand->submit([&runs](Turn, When when) { runs += when == When::AtOnce ? 1 : 0; });
  EXPECT_EQ(runs, 3);
}

TEST(Strand, WhoComesMeanwhileIsStartedInOrderByWhoGivesTheTurnBack) {
  auto strand = std::make_shared<Strand>();
  std::optional<Turn> first = strand->try_take();
  ASSERT_TRUE(first);
  EXPECT_FALSE(strand->try_take());
  std::vector<int> order;
  std::vector<Turn> held;
  for (int i = 0; i < 3; ++i)
    strand->submit([&order, &held, i](Turn turn, When when) {
      EXPECT_EQ(when, When::Later);
      order.push_back(i);
      if (i == 1) held.push_back(std::move(turn));
    });
  EXPECT_TRUE(order.empty());
  first.reset();
  EXPECT_EQ(order, (std::vector{0, 1}));
  EXPECT_FALSE(strand->try_take());
  held.clear();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
  EXPECT_TRUE(strand->try_take());
}

// One that is dropped is no step deeper into the stack.
TEST(Strand, AHundredThousandThatAreDroppedAtOnceAreNoMatter) {
  auto strand = std::make_shared<Strand>();
  int dropped = 0;
  {
    std::optional<Turn> first = strand->try_take();
    for (int i = 0; i < 100'000; ++i)
      strand->submit([&dropped](Turn, When) { ++dropped; });
  }
  EXPECT_EQ(dropped, 100'000);
  EXPECT_TRUE(strand->try_take());
}

TEST(Strand, ATaskThatFindsNoMemoryGivesItsTurnBack) {
  auto strand = std::make_shared<Strand>();
  EXPECT_THROW(strand->submit([](Turn, When) { throw std::bad_alloc(); }), std::bad_alloc);
  bool has_run = false;
  {
    std::optional<Turn> first = strand->try_take();
    ASSERT_TRUE(first);
    strand->submit([](Turn, When) { throw std::bad_alloc(); });
    strand->submit([&has_run](Turn, When) { has_run = true; });
  }
  EXPECT_TRUE(has_run);
}

TEST(Strand, LivesAsLongAsItsTurn) {
  auto strand = std::make_shared<Strand>();
  std::weak_ptr<Strand> watched = strand;
  std::optional<Turn> turn = strand->try_take();
  bool has_run = false;
  strand->submit([&has_run](Turn, When) { has_run = true; });
  strand.reset();
  EXPECT_FALSE(watched.expired());
  turn.reset();
  EXPECT_TRUE(has_run);
  EXPECT_TRUE(watched.expired());
}

// Turns go on on threads of their own, as in lanes.
TEST(Strand, OneAtATimeHasTheTurnOnWhateverThread) {
  constexpr int kTasks = 2000;
  auto strand = std::make_shared<Strand>();
  std::vector<int> order;  // touched with the turn alone
  std::atomic<int> done = 0;
  std::vector<std::jthread> threads;
  std::mutex mutex;  // guards threads
  for (int i = 0; i < kTasks; ++i)
    strand->submit([&, i](Turn turn, When) {
      const std::lock_guard lock(mutex);
      threads.emplace_back([&, i, turn = std::move(turn)]() mutable {
        order.push_back(i);
        turn.release();
        ++done;
      });
    });
  while (done < kTasks)
    std::this_thread::yield();
  ASSERT_EQ(order.size(), std::size_t{kTasks});
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

}  // namespace
}  // namespace strongroom
