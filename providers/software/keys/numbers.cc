#include "providers/software/keys/numbers.h"

#include <algorithm>
#include <bit>

#include "base/declassified.h"

namespace strongroom::software {
namespace {

unsigned to_unsigned(std::byte octet) noexcept {
  return std::to_integer<unsigned>(octet);
}

}  // namespace

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

unsigned subtract(ByteView a, ByteView b, MutableByteView out) noexcept {
  unsigned borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    unsigned difference = to_unsigned(a[i]) - to_unsigned(b[i]) - borrow;
    out[i] = static_cast<std::byte>(difference & 0xff);
    borrow = (difference >> 8) & 1;
  }
  return borrow;
}

bool is_positive_below(ByteView number, ByteView bound) noexcept {
  unsigned borrow = 0;
  unsigned bits = 0;
  for (std::size_t i = number.size(); i-- > 0;) {
    borrow = ((to_unsigned(number[i]) - to_unsigned(bound[i]) - borrow) >> 8) & 1;
    bits |= to_unsigned(number[i]);
  }
  unsigned is_zero = ((bits - 1) >> 8) & 1;
  return declassified(borrow & ~is_zero) == 1;
}

void swap_native_order(MutableByteView number) noexcept {
  if constexpr (std::endian::native == std::endian::little) std::ranges::reverse(number);
}

}  // namespace strongroom::software
