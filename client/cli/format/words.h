// Reading the words of a table, and saying that one is not in it.
#pragma once

#include <charconv>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/failure.h"

namespace strongroom::cli {

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const char* begin = std::to_address(text.begin());
  const char* end = std::to_address(text.end());
  auto [stop, code] = std::from_chars(begin, end, number);
  if (code != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::unexpected<Failure> unknown_word(std::string_view what, std::string_view word,
                                      std::string_view advice);

}  // namespace strongroom::cli
