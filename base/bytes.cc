#include "base/bytes.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"

namespace strongroom {

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
    std::size_t length = utf8_sequence_length(rest);
    auto first = static_cast<unsigned char>(rest.front());
    bool plain = length > 1 || (length == 1 && first >= 0x20 && first != 0x7f && first != '\'' &&
                                first != '"' && first != '\\');
    if (plain) {
      safe.append(rest.substr(0, length));
    } else {
      length = 1;
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", first);
    }
    rest.remove_prefix(length);
  }
  if (text.size() > limit) safe += "…";
  return safe;
}

}  // namespace strongroom
