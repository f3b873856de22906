#include "base/utf8.h"

#include <algorithm>
#include <array>

namespace strongroom {
namespace {

// One row of RFC 3629 §4: lead bytes, the range of the second byte, and the length. Only the second
// byte's range varies, and that is what excludes overlong forms and surrogates.
struct Sequence {
  unsigned char first_low, first_high, second_low, second_high;
  std::size_t length;
};
constexpr std::array kSequences = {
    Sequence{0x00, 0x7f, 0, 0, 1},       Sequence{0xc2, 0xdf, 0x80, 0xbf, 2},
    Sequence{0xe0, 0xe0, 0xa0, 0xbf, 3}, Sequence{0xe1, 0xec, 0x80, 0xbf, 3},
    Sequence{0xed, 0xed, 0x80, 0x9f, 3}, Sequence{0xee, 0xef, 0x80, 0xbf, 3},
    Sequence{0xf0, 0xf0, 0x90, 0xbf, 4}, Sequence{0xf1, 0xf3, 0x80, 0xbf, 4},
    Sequence{0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool is_within(char byte, unsigned char low, unsigned char high) {
  auto value = static_cast<unsigned char>(byte);
  return value >= low && value <= high;
}

}  // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto* row = std::ranges::find_if(kSequences, [&](const Sequence& sequence) {
    return is_within(text.front(), sequence.first_low, sequence.first_high);
  });
  if (row == kSequences.end() || text.size() < row->length) return 0;
  if (row->length > 1 && !is_within(text[1], row->second_low, row->second_high)) return 0;
  for (std::size_t i = 2; i < row->length; ++i)
    if (!is_within(text[i], 0x80, 0xbf)) return 0;
  return row->length;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace strongroom
