// What may be done to text for people, decided once from the terminal, the options and the
// environment.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace strongroom::cli {

enum class Colour { Bold, Red, Green, Yellow };

struct Look {
  bool is_coloured = false;
  std::size_t width = 0;  // columns; 0: as wide as it is

  // With the terminal's codes around it (ECMA-48 §8.3.117) where there is colour.
  std::string in(Colour colour, std::string_view text) const;
};

// `when` is --color's "auto", "always" or "never". Automatic is: on a terminal that is not "dumb",
// unless NO_COLOR says something.
bool wants_colour(const std::optional<std::string>& when, bool is_terminal);

}  // namespace strongroom::cli
