#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/utf8.h"

namespace strongroom {
namespace {

struct Range {
  std::string_view first, last;  // of one length, as UTF-8: byte order is code point order
};
// C1 controls, and what Unicode 15 §23 has to turn or break a line without being seen: marks,
// embeddings, overrides and isolates of writing direction, line and paragraph separators, the byte
// order mark.
constexpr std::array kUnseen = {
    Range{"\u0080", "\u009f"}, Range{"\u061c", "\u061c"}, Range{"\u200e", "\u200f"},
    Range{"\u2028", "\u202e"}, Range{"\u2066", "\u2069"}, Range{"\ufeff", "\ufeff"},
};

// `sequence` is one well-formed character.
bool is_seen(std::string_view sequence) {
  if (sequence.size() == 1) {
    const auto byte = static_cast<unsigned char>(sequence.front());
    return byte >= 0x20 && byte != 0x7f && byte != '\'' && byte != '"' && byte != '\\';
  }
  return std::ranges::none_of(kUnseen, [sequence](const Range& range) {
    return sequence.size() == range.first.size() && range.first <= sequence &&
           sequence <= range.last;
  });
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (std::byte byte : bytes)
    fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string escaped(std::string_view text, std::size_t limit) {
  std::string safe;
  std::string_view rest = text.substr(0, limit);
  while (!rest.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_sequence_length(rest), 1);
    const std::string_view sequence = rest.substr(0, length);
    if (utf8_sequence_length(rest) != 0 && is_seen(sequence))
      safe.append(sequence);
    else
      for (const char byte : sequence)
        fmt::format_to(std::back_inserter(safe), "\\x{:02x}", static_cast<unsigned char>(byte));
    rest.remove_prefix(length);
  }
  if (text.size() > limit) safe += "…";
  return safe;
}

}  // namespace strongroom
