#include "service/dispatch/fair_queue.h"

#include <string>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

void drain(FairQueue& queue) {
  while (auto job = queue.pop())
    (*job)();
}

TEST(FairQueue, PrincipalsTakeTurnsWhateverTheyQueued) {
  FairQueue queue;
  std::string ran;
  for (int i = 0; i < 3; ++i)
    queue.push(Principal::user(1), [&] { ran += 'a'; });
  for (int i = 0; i < 2; ++i)
    queue.push(Principal::user(2), [&] { ran += 'b'; });
  queue.push(Principal::user(3), [&] { ran += 'c'; });
  EXPECT_EQ(queue.size(), 6U);
  drain(queue);
  EXPECT_EQ(ran, "abcaba");
  EXPECT_EQ(queue.size(), 0U);
}

TEST(FairQueue, OnePrincipalsJobsKeepTheirOrder) {
  FairQueue queue;
  std::string ran;
  for (char c : std::string("123456"))
    queue.push(Principal::user(7), [&ran, c] { ran += c; });
  drain(queue);
  EXPECT_EQ(ran, "123456");
}

TEST(FairQueue, SomebodyWaitsUntilTheLastJobIsTaken) {
  FairQueue queue;
  EXPECT_FALSE(queue.has_waiting(Principal::user(1)));
  queue.push(Principal::user(1), [] {});
  EXPECT_TRUE(queue.has_waiting(Principal::user(1)));
  EXPECT_FALSE(queue.has_waiting(Principal::user(2)));
  queue.pop();
  EXPECT_FALSE(queue.has_waiting(Principal::user(1)));
  EXPECT_FALSE(queue.pop().has_value());
}

}  // namespace
}  // namespace strongroom
