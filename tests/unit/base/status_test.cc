#include "base/status.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(Status, EveryNumberOfTheProtocolIsKnownAndNoOther) {
  int known = 0;
  for (std::uint32_t number = 0; number <= 0xffff; ++number) {
    auto status = status_from(static_cast<std::uint16_t>(number));
    if (!status) continue;
    ++known;
    EXPECT_EQ(static_cast<std::uint32_t>(*status), number);
    EXPECT_NE(to_string(*status), "Unknown");
    EXPECT_TRUE(number <= 22 || (number >= 1132 && number <= 1153 && number != 1144)) << number;
  }
  EXPECT_EQ(known, 23 + 21);
}

}  // namespace
}  // namespace strongroom
