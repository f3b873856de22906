#include "config/nearest.h"

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strongroom::config {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr std::array<std::string_view, 4> kNames = {"strict", "allow_root", "allow_deprecated",
                                                    "workers"};

TEST(EditDistance, CountsEachKindOfSlipOnce) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("strict", "strict"), 0U);
  EXPECT_EQ(edit_distance("stict", "strict"), 1U);
  EXPECT_EQ(edit_distance("strrict", "strict"), 1U);
  EXPECT_EQ(edit_distance("strikt", "strict"), 1U);
  EXPECT_EQ(edit_distance("stritc", "strict"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(EditDistance, TakesNoNoticeOfCase) {
  EXPECT_EQ(edit_distance("Strict", "sTRICT"), 0U);
}

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_THAT(nearest("stict", kNames), Optional(Eq("strict")));
  EXPECT_THAT(nearest("allow-root", kNames), Optional(Eq("allow_root")));
  EXPECT_THAT(nearest("worker", kNames), Optional(Eq("workers")));
}

TEST(Nearest, SuggestsNothingThatIsFarOff) {
  EXPECT_EQ(nearest("", kNames), std::nullopt);
  EXPECT_EQ(nearest("colour", kNames), std::nullopt);
  EXPECT_EQ(nearest("xyz", kNames), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 's'), kNames), std::nullopt);
  EXPECT_EQ(nearest("strict", {}), std::nullopt);
}

TEST(Nearest, PrefersTheFirstOfSeveralAsNear) {
  constexpr std::array<std::string_view, 2> kTwins = {"path_a", "path_b"};
  EXPECT_THAT(nearest("path_c", kTwins), Optional(Eq("path_a")));
}

TEST(Nearest, CompletesABeginningThatIsOfOneAlone) {
  EXPECT_THAT(nearest("allow_d", kNames), Optional(Eq("allow_deprecated")));
  EXPECT_THAT(nearest("wor", kNames), Optional(Eq("workers")));
  EXPECT_EQ(nearest("allow", kNames), std::nullopt);
  EXPECT_EQ(nearest("wo", kNames), std::nullopt);
}

TEST(Suggestion, IsTheTailOfAMessage) {
  EXPECT_EQ(suggestion("stict", kNames), "; did you mean 'strict'?");
  EXPECT_EQ(suggestion("colour", kNames), "");
}

}  // namespace
}  // namespace strongroom::config
