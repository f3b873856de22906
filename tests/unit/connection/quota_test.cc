#include "service/connection/quota.h"

#include <vector>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(ConnectionQuota, RefusesAPrincipalAtItsLimitAndNoOther) {
  ConnectionQuota quota({.in_total = 10, .per_principal = 2});
  auto first = quota.admit(1000);
  auto second = quota.admit(1000);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(quota.admit(1000));
  EXPECT_TRUE(quota.admit(1001));
  EXPECT_EQ(quota.refused(), 1U);
}

TEST(ConnectionQuota, RefusesEveryoneAtTheTotal) {
  ConnectionQuota quota({.in_total = 3, .per_principal = 2});
  std::vector<Seat> seats;
  for (uid_t principal : {1000U, 1001U, 1002U})
    seats.push_back(quota.admit(principal).value());
  EXPECT_FALSE(quota.admit(1003));
  seats.pop_back();
  EXPECT_TRUE(quota.admit(1003));
}

TEST(ConnectionQuota, ASeatIsGivenBackOnceHoweverOftenItMoves) {
  ConnectionQuota quota({.in_total = 3, .per_principal = 1});
  {
    auto seat = quota.admit(1000);
    ASSERT_TRUE(seat);
    Seat moved = std::move(*seat);
    Seat again = std::move(moved);
    EXPECT_EQ(quota.taken(), 1U);
  }
  EXPECT_EQ(quota.taken(), 0U);
  EXPECT_TRUE(quota.admit(1000));
}

}  // namespace
}  // namespace strongroom
