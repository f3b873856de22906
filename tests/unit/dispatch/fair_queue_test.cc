#include "service/dispatch/fair_queue.h"

#include <array>
#include <random>
#include <string>

#include <gmock/gmock.h>

namespace strongroom {
namespace {

using ::testing::Optional;
using Queue = FairQueue<char>;

const Principal kAlice = Principal::user(1);
const Principal kBob = Principal::user(2);
const Principal kCarol = Principal::user(3);

// Gives jobs their numbers, and plays the part of a single worker.
class QueueUnderTest {
 public:
  explicit QueueUnderTest(Queue::AtATime at_a_time = Queue::AtATime::Any) : queue(at_a_time) {}

  std::uint64_t push(const Principal& principal, Cost cost, char job) {
    queue.push(principal, ++last_, cost, job);
    return last_;
  }
  std::string run_all(const Principal& whose = kAlice) {
    std::string ran;
    while (auto job = queue.pop()) {
      ran += *job;
      queue.finished(whose);
    }
    return ran;
  }

  Queue queue;

 private:
  std::uint64_t last_ = 0;
};

TEST(FairQueue, PrincipalsWithJobsOfOneCostTakeTurns) {
  QueueUnderTest under;
  for (int i = 0; i < 3; ++i)
    under.push(kAlice, Cost(5), 'a');
  for (int i = 0; i < 2; ++i)
    under.push(kBob, Cost(5), 'b');
  under.push(kCarol, Cost(5), 'c');
  EXPECT_EQ(under.queue.size(), 6U);
  EXPECT_EQ(under.queue.cost(), Cost(30));
  EXPECT_EQ(under.run_all(), "abcaba");
  EXPECT_EQ(under.queue.size(), 0U);
  EXPECT_EQ(under.queue.cost(), Cost(0));
}

TEST(FairQueue, OnePrincipalsJobsKeepTheirOrder) {
  QueueUnderTest under;
  for (char c : std::string("123456"))
    under.push(kAlice, Cost(c % 3 * 100 + 1), c);
  EXPECT_EQ(under.run_all(), "123456");
}

TEST(FairQueue, SomebodyWaitsUntilTheLastJobIsTaken) {
  QueueUnderTest under;
  EXPECT_FALSE(under.queue.has_waiting(kAlice));
  under.push(kAlice, Cost(1), 'a');
  EXPECT_TRUE(under.queue.has_waiting(kAlice));
  EXPECT_FALSE(under.queue.has_waiting(kBob));
  EXPECT_THAT(under.queue.pop(), Optional('a'));
  EXPECT_FALSE(under.queue.has_waiting(kAlice));
  EXPECT_EQ(under.queue.pop(), std::nullopt);
}

// Three principals who always have work waiting, of very different kinds.
class Backlog {
 public:
  Backlog() {
    for (std::size_t who = 0; who < kWho.size(); ++who)
      for (int i = 0; i < 3; ++i)
        push(who);
  }
  // Serves until `total` has been served altogether.
  std::array<Cost, 3> serve(Cost total) {
    std::array<Cost, 3> served{};
    while (served[0] + served[1] + served[2] < total) {
      const auto job = *queue_.pop();
      queue_.finished(kWho[job.who]);
      served[job.who] += job.cost;
      push(job.who);
    }
    return served;
  }
  static constexpr Cost kLargest{3'000};

 private:
  struct Sized {
    std::size_t who;
    Cost cost;
  };
  void push(std::size_t who) {
    const std::array costs = {Cost(40), Cost(450 + random_() % 500), kLargest};
    queue_.push(kWho[who], ++last_, costs[who], Sized{who, costs[who]});
  }

  const std::array<Principal, 3> kWho = {kAlice, kBob, kCarol};
  FairQueue<Sized> queue_;
  std::mt19937 random_{1};
  std::uint64_t last_ = 0;
};

TEST(FairQueue, SharesAreEqualInCostWhateverTheJobs) {
  Backlog backlog;
  const auto served = backlog.serve(std::chrono::seconds(1));
  for (const Cost share : served)
    EXPECT_NEAR(static_cast<double>(share.count()), 1e6 / 3, 1e6 / 100);
}

TEST(FairQueue, NoneIsEverBehindByMoreThanAJobOfEach) {
  Backlog backlog;
  std::array<Cost, 3> total{};
  for (int i = 0; i < 2'000; ++i) {
    const auto served = backlog.serve(Cost(1));
    for (std::size_t who = 0; who < total.size(); ++who)
      total[who] += served[who];
    const auto [least, most] = std::ranges::minmax(total);
    ASSERT_LE(most - least, 2 * Backlog::kLargest);
  }
}

TEST(FairQueue, CheapWorkAmongExpensiveNeighboursIsNext) {
  QueueUnderTest under;
  for (uid_t uid = 100; uid < 164; ++uid)
    for (int i = 0; i < 10; ++i)
      under.push(Principal::user(uid), Cost(3'000), 'x');
  for (int i = 0; i < 100; ++i)
    under.queue.pop();
  under.push(kAlice, Cost(40), 'a');
  EXPECT_THAT(under.queue.pop(), Optional('a'));
}

TEST(FairQueue, ANewcomerWaitsForAtMostOneJobOfEachOther) {
  QueueUnderTest under;
  for (uid_t uid = 100; uid < 110; ++uid)
    for (int i = 0; i < 10; ++i)
      under.push(Principal::user(uid), Cost(40), 'x');
  under.push(kAlice, Cost(1'000'000), 'a');
  std::string ran;
  while (!ran.ends_with('a'))
    ran += *under.queue.pop();
  EXPECT_LE(ran.size(), 11U);
}

TEST(FairQueue, AnEndlessStreamOfCheapWorkStarvesNobody) {
  QueueUnderTest under;
  under.push(kAlice, Cost(1'000), 'a');
  under.push(kAlice, Cost(1'000), 'a');
  int cheap_before = 0;
  std::string ran;
  while (ran != "aa") {
    under.push(kBob, Cost(10), 'b');
    if (*under.queue.pop() == 'a')
      ran += 'a';
    else
      ++cheap_before;
  }
  EXPECT_NEAR(cheap_before, 100, 2);
}

TEST(FairQueue, ToHaveBeenIdleEarnsNothing) {
  QueueUnderTest under;
  for (int i = 0; i < 1'000; ++i)
    under.push(kAlice, Cost(10), 'a');
  for (int i = 0; i < 900; ++i)
    under.queue.pop();
  for (int i = 0; i < 100; ++i)
    under.push(kBob, Cost(10), 'b');
  std::string ran;
  for (int i = 0; i < 100; ++i)
    ran += *under.queue.pop();
  EXPECT_NEAR(static_cast<double>(std::ranges::count(ran, 'a')), 50, 1);
}

TEST(FairQueue, WhoHasJustBeenServedStaysBehindForIt) {
  QueueUnderTest under;
  under.push(kAlice, Cost(1'000), 'a');
  EXPECT_THAT(under.queue.pop(), Optional('a'));
  under.push(kAlice, Cost(1'000), 'a');
  under.push(kBob, Cost(10), 'b');
  EXPECT_THAT(under.queue.pop(), Optional('b'));
}

TEST(FairQueue, ForgivesWhenThereIsNothingToDo) {
  QueueUnderTest under;
  under.push(kAlice, Cost(1'000'000), 'a');
  EXPECT_EQ(under.run_all(), "a");
  under.push(kAlice, Cost(10), 'a');
  under.push(kBob, Cost(10), 'b');
  EXPECT_EQ(under.run_all(), "ab");
}

TEST(FairQueue, AWrongEstimateIsCorrected) {
  QueueUnderTest under;
  under.push(kAlice, Cost(10), 'a');
  under.push(kAlice, Cost(10), 'a');
  for (int i = 0; i < 100; ++i)
    under.push(kBob, Cost(10), 'b');
  EXPECT_THAT(under.queue.pop(), Optional('a'));
  under.queue.correct(kAlice, Cost(490));
  std::string ran;
  while (!ran.ends_with('a'))
    ran += *under.queue.pop();
  EXPECT_NEAR(static_cast<double>(ran.size()), 50, 2);

  under.push(kAlice, Cost(1'000), 'a');
  while (under.queue.pop() != 'a')
    continue;
  under.queue.correct(kAlice, Cost(-1'000));
  under.push(kAlice, Cost(10), 'a');
  EXPECT_THAT(under.queue.pop(), Optional('a'));
}

TEST(FairQueue, MayHoldAPrincipalToOneJobAtATime) {
  QueueUnderTest under(Queue::AtATime::One);
  under.push(kAlice, Cost(1), '1');
  under.push(kAlice, Cost(1), '2');
  under.push(kBob, Cost(10), 'b');
  EXPECT_THAT(under.queue.pop(), Optional('1'));
  EXPECT_THAT(under.queue.pop(), Optional('b'));
  EXPECT_FALSE(under.queue.has_ready());
  EXPECT_EQ(under.queue.pop(), std::nullopt);
  EXPECT_TRUE(under.queue.has_waiting(kAlice));
  under.queue.finished(kAlice);
  EXPECT_TRUE(under.queue.has_ready());
  EXPECT_THAT(under.queue.pop(), Optional('2'));
}

TEST(FairQueue, WhatIsTakenOutOfTurnLeavesTheRestInItsOrder) {
  QueueUnderTest under;
  const auto first = under.push(kAlice, Cost(1), '1');
  const auto second = under.push(kAlice, Cost(1), '2');
  under.push(kAlice, Cost(1), '3');
  EXPECT_THAT(under.queue.remove(kAlice, second), Optional('2'));
  EXPECT_THAT(under.queue.remove(kAlice, first), Optional('1'));
  EXPECT_EQ(under.queue.remove(kAlice, first), std::nullopt);
  EXPECT_EQ(under.queue.remove(kBob, first), std::nullopt);
  EXPECT_EQ(under.queue.size(), 1U);
  EXPECT_EQ(under.queue.cost(), Cost(1));
  EXPECT_EQ(under.run_all(), "3");
}

}  // namespace
}  // namespace strongroom
