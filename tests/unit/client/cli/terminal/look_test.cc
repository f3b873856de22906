#include "client/cli/terminal/look.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace strongroom::cli {
namespace {

class WantsColour : public ::testing::Test {
 protected:
  WantsColour() {
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm-256color", 1);
  }
};

TEST_F(WantsColour, OnATerminalThatCanShowIt) {
  EXPECT_TRUE(wants_colour(std::nullopt, true));
  EXPECT_TRUE(wants_colour("auto", true));
  EXPECT_FALSE(wants_colour(std::nullopt, false));
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(wants_colour(std::nullopt, true));
}

TEST_F(WantsColour, NotWhereTheEnvironmentSaysNo) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(wants_colour(std::nullopt, true));
  EXPECT_TRUE(wants_colour("always", false));
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(wants_colour(std::nullopt, true));
}

TEST_F(WantsColour, AsTheOptionSays) {
  EXPECT_TRUE(wants_colour("always", false));
  EXPECT_FALSE(wants_colour("never", true));
}

TEST(Look, ColoursWhereItMay) {
  EXPECT_EQ(Look{}.in(Colour::Red, "x"), "x");
  EXPECT_EQ((Look{.is_coloured = true}.in(Colour::Red, "x")), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace strongroom::cli
