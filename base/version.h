// The version of this program, as the build has it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strongroom {

// "0.1.0" as three numbers.
constexpr std::array<std::uint32_t, 3> version_numbers(std::string_view text) {
  std::array<std::uint32_t, 3> numbers{};
  std::size_t place = 0;
  for (const char letter : text) {
    if (letter == '.')
      ++place;
    else
      numbers.at(place) = numbers.at(place) * 10 + static_cast<std::uint32_t>(letter - '0');
  }
  return numbers;
}

inline constexpr auto kVersion = version_numbers(STRONGROOM_VERSION);

}  // namespace strongroom
