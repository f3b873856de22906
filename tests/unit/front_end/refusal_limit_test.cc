#include "service/front_end/refusal_limit.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

using std::chrono::milliseconds;

constexpr RefusalLimit::Time kStart{std::chrono::hours(1)};
const Principal kOne = Principal::user(1);

TEST(RefusalLimit, TenLinesASecondAndTheRestIsCounted) {
  RefusalLimit limit;
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(limit.count(kOne, kStart).may_log);
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(limit.count(kOne, kStart + milliseconds(999)).may_log);
  RefusalLimit::Verdict next = limit.count(kOne, kStart + milliseconds(1000));
  EXPECT_TRUE(next.may_log);
  EXPECT_EQ(next.suppressed, 5U);
  EXPECT_EQ(limit.count(kOne, kStart + milliseconds(1001)).suppressed, 0U);
}

TEST(RefusalLimit, OnePrincipalDoesNotSilenceAnother) {
  RefusalLimit limit;
  for (int i = 0; i < 100; ++i)
    limit.count(kOne, kStart);
  EXPECT_TRUE(limit.count(Principal::tenant("web"), kStart).may_log);
}

}  // namespace
}  // namespace strongroom
