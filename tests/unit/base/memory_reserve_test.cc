#include "base/memory_reserve.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(Attempt, EndsForLackOfMemoryAndForNothingElse) {
  EXPECT_TRUE(attempt([] {}));
  EXPECT_FALSE(attempt([] { throw std::bad_alloc(); }));
}

TEST(Attempt, GoesWithoutLargeBlocksEvenWhenAnInnerOneHasEnded) {
  // As if the reserve had been given up since: what is large gets nothing of it.
  const std::uint64_t uses_before = memory_reserve_uses() - 1;
  EXPECT_TRUE(make_room(kLargeBlock, uses_before));
  EXPECT_TRUE(attempt([&] {
    EXPECT_TRUE(attempt([] {}));
    EXPECT_FALSE(attempt([] { throw std::bad_alloc(); }));
    EXPECT_FALSE(make_room(kLargeBlock, uses_before));
    EXPECT_TRUE(make_room(kLargeBlock - 1, uses_before));
  }));
  EXPECT_TRUE(make_room(kLargeBlock, uses_before));
}

}  // namespace
}  // namespace strongroom
