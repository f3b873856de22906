#include "service/connection/intake/arrived_bytes.h"

#include <string>

#include <gtest/gtest.h>

#include "service/connection/connection_settings.h"

namespace strongroom {
namespace {

std::string numbered(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>(i % 251);
  return text;
}

TEST(ArrivedBytes, GivesInOnePieceWhatCameInMany) {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, kBufferStep - 1, kBufferStep,
                           kBufferStep + 1, 3 * kBufferStep + 5}) {
    const std::string text = numbered(size);
    ArrivedBytes arrived;
    arrived.expect(size);
    for (ByteView rest = view_of(text); !rest.empty();)
      rest = rest.subspan(arrived.append(rest.first(std::min<std::size_t>(rest.size(), 7919))));
    EXPECT_EQ(arrived.missing(), 0U);
    EXPECT_EQ(text_of(arrived.take()), text) << size;
  }
}

TEST(ArrivedBytes, TakesNoMoreThanItExpects) {
  ArrivedBytes arrived;
  arrived.expect(3);
  EXPECT_EQ(arrived.append(view_of("ab")), 2U);
  EXPECT_EQ(arrived.append(view_of("cdef")), 1U);
  EXPECT_EQ(arrived.append(view_of("def")), 0U);
  EXPECT_EQ(text_of(arrived.take()), "abc");
}

TEST(ArrivedBytes, CanBeUsedAgain) {
  ArrivedBytes arrived;
  for (std::string_view text : {"first", "second"}) {
    arrived.expect(text.size());
    arrived.append(view_of(text));
    EXPECT_EQ(text_of(arrived.take()), text);
  }
}

}  // namespace
}  // namespace strongroom
