// What is wrong with a configuration, and where.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace strongroom::config {

// As editors count, from 1; line 0 is no place in particular.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Position&) const = default;
};

// What a warning is of works, and is perhaps not what was meant.
enum class Weight { Error, Warning };

struct Problem {
  std::string file;
  Position where;
  std::string text;  // lower case, names in quotes, no secret
  Weight weight = Weight::Error;
  bool operator==(const Problem&) const = default;
};

// Everything that is wrong with one configuration, in the order of the files and of their lines.
using Problems = std::vector<Problem>;

// "/etc/strongroom/strongroom.toml:3:1: unknown key 'stict' in [service]; did you mean 'strict'?"
std::string to_string(const Problem& problem);

inline bool are_warnings(const Problems& problems) noexcept {
  return std::ranges::all_of(problems,
                             [](const Problem& each) { return each.weight == Weight::Warning; });
}

}  // namespace strongroom::config
