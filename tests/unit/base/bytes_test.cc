#include "base/bytes.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(Bytes, HexIsLowerCaseWithTwoDigitsAByte) {
  EXPECT_EQ(to_hex(view_of("\x01\xab")), "01ab");
}

TEST(Bytes, EscapingKeepsReadableTextOfAnyScript) {
  EXPECT_EQ(escaped("web server – 鍵 🔑"), "web server – 鍵 🔑");
}

TEST(Bytes, EscapingMakesEveryControlQuoteAndStrayByteVisible) {
  EXPECT_EQ(escaped("a\nb'c\"d\\e\x7f\xff"), "a\\x0ab\\x27c\\x22d\\x5ce\\x7f\\xff");
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Bytes, EscapingMakesEveryUnseenCharacterVisible) {
  EXPECT_EQ(escaped("\u0080\u009b"), "\\xc2\\x80\\xc2\\x9b");
  EXPECT_EQ(escaped("a\u202eb"), "a\\xe2\\x80\\xaeb");
  for (const char* unseen : {"\u061c", "\u200f", "\u2028", "\u2029", "\u2066", "\ufeff"})
    EXPECT_TRUE(escaped(unseen).starts_with('\\')) << escaped(unseen);
  // What stands beside them is seen, or holds an emoji together.
  EXPECT_EQ(escaped("\u00a0\u200d\u2030"), "\u00a0\u200d\u2030");
}

TEST(Bytes, EscapingShowsAtMostTheLimitAndSaysSo) {
  EXPECT_EQ(escaped("abcdef", 3), "abc…");
  EXPECT_EQ(escaped("é", 1), "\\xc3…");
}

}  // namespace
}  // namespace strongroom
