#include "providers/software/keys/numbers.h"

#include <algorithm>
#include <bit>

namespace strongroom::software {

std::uint32_t bit_length(ByteView number) noexcept {
  number = without_leading_zeros(number);
  if (number.empty()) return 0;
  auto top = std::to_integer<unsigned>(number[0]);
  return static_cast<std::uint32_t>(8 * (number.size() - 1)) +
         static_cast<std::uint32_t>(std::bit_width(top));
}

ByteView without_leading_zeros(ByteView number) noexcept {
  while (!number.empty() && number[0] == std::byte{0})
    number = number.subspan(1);
  return number;
}

void swap_native_order(MutableByteView number) noexcept {
  if constexpr (std::endian::native == std::endian::little) std::ranges::reverse(number);
}

}  // namespace strongroom::software
