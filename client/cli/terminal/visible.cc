#include "client/cli/terminal/visible.h"

#include <algorithm>
#include <cwchar>

#include "base/bytes.h"
#include "base/utf8.h"

namespace strongroom::cli {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kAsciiEllipsis = "...";
constexpr wchar_t kEllipsisCharacter = 0x2026;

// Takes a character, or a byte that is not part of one, from the front.
std::string_view take_character(std::string_view& text) {
  std::string_view character = text.substr(0, std::max<std::size_t>(utf8_sequence_length(text), 1));
  text.remove_prefix(character.size());
  return character;
}

// The code point of a well-formed sequence (RFC 3629 §3).
wchar_t code_point(std::string_view sequence) {
  auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first;
  auto point = static_cast<wchar_t>(first & (0x7f >> sequence.size()));
  for (char byte : sequence.substr(1))
    point = point << 6 | (static_cast<unsigned char>(byte) & 0x3f);
  return point;
}

std::size_t width_of_character(std::string_view character) {
  int width = ::wcwidth(code_point(character));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string visible(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    std::string_view character = take_character(text);
    if (character == "'" || character == "\"")
      shown += character;
    else if (character == "\\")
      shown += "\\\\";
    else
      shown += escaped(character);
  }
  return shown;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty())
    width += width_of_character(take_character(text));
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  bool is_known = ::wcwidth(kEllipsisCharacter) == 1;
  std::string_view mark = is_known ? kEllipsis : kAsciiEllipsis;
  std::size_t left = width - std::min(width, is_known ? 1 : mark.size());
  std::string beginning;
  while (!text.empty()) {
    std::string_view character = take_character(text);
    std::size_t taken = width_of_character(character);
    if (taken > left) break;
    left -= taken;
    beginning += character;
  }
  return beginning + std::string(mark);
}

}  // namespace strongroom::cli
