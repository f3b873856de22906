// Bytes out of hexadecimal text, for test vectors.
#pragma once

#include <charconv>
#include <string_view>

#include "base/bytes.h"

namespace strongroom {

// `text` has an even number of digits and nothing else.
inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
  }
  return bytes;
}

}  // namespace strongroom
