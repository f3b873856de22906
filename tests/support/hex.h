// Bytes out of hexadecimal text, for test vectors.
#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/bytes.h"

namespace strongroom::testing {

// Two digits a byte; white space may stand between bytes.
inline Bytes from_hex(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \n";
  Bytes bytes;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
    if (text.size() < 2) return bytes;
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + 2, value, 16);
    bytes.push_back(static_cast<std::byte>(value));
    text.remove_prefix(2);
  }
}

}  // namespace strongroom::testing
