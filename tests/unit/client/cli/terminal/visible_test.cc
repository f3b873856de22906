#include "client/cli/terminal/visible.h"

#include <clocale>

#include <gtest/gtest.h>

namespace strongroom::cli {
namespace {

class Locale {
 public:
  explicit Locale(const char* name) { std::setlocale(LC_CTYPE, name); }
  ~Locale() { std::setlocale(LC_CTYPE, "C"); }
};

TEST(Visible, LeavesQuotesAndNothingThatATerminalObeys) {
  EXPECT_EQ(visible("it's \"mine\""), "it's \"mine\"");
  EXPECT_EQ(visible("a\x1b[2J\n\x7f\u009b\u202e"), "a\\x1b[2J\\x0a\\x7f\\xc2\\x9b\\xe2\\x80\\xae");
  EXPECT_EQ(visible("\xff\xf0\x9f"), "\\xff\\xf0\\x9f");
  EXPECT_EQ(visible("clé 🔑 金"), "clé 🔑 金");
}

TEST(Visible, ShowsTwoNamesNeverAlike) {
  EXPECT_NE(visible("\x1b"), visible("\\x1b"));
  EXPECT_EQ(visible("\\x1b"), "\\\\x1b");
}

TEST(Width, IsThatOfTheCharacters) {
  Locale locale("C.UTF-8");
  EXPECT_EQ(width_of(""), 0U);
  EXPECT_EQ(width_of("web"), 3U);
  EXPECT_EQ(width_of("größe"), 5U);
  EXPECT_EQ(width_of("cle\u0301"), 3U);
  EXPECT_EQ(width_of("金庫"), 4U);
  EXPECT_EQ(width_of("🔑"), 2U);
}

TEST(Width, OutsideUtf8IsOneForEachCharacter) {
  Locale locale("C");
  EXPECT_EQ(width_of("größe"), 5U);
  EXPECT_EQ(width_of("金庫"), 2U);
}

TEST(CutToWidth, NeverTakesMoreAndNeverHalfACharacter) {
  Locale locale("C.UTF-8");
  EXPECT_EQ(cut_to_width("金庫", 4), "金庫");
  EXPECT_EQ(cut_to_width("金庫番", 5), "金庫…");
  EXPECT_EQ(cut_to_width("金庫番", 4), "金…");
  EXPECT_EQ(cut_to_width("abcdef", 3), "ab…");
  std::setlocale(LC_CTYPE, "C");
  EXPECT_EQ(cut_to_width("abcdef", 5), "ab...");
}

}  // namespace
}  // namespace strongroom::cli
