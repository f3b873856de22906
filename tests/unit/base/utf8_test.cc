#include "base/utf8.h"

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(Utf8, AcceptsEverySequenceLength) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("key"));
  EXPECT_TRUE(is_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"));
  EXPECT_TRUE(is_utf8("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, RefusesWhatRfc3629Forbids) {
  for (std::string_view text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3",
                                "\xe2\x82", "\xf0\x9f\x94", "a\xff", "\xc3\x28", "\xe2\x82\x28"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace strongroom
