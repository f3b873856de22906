// Big-endian magnitudes as keys carry them, and OpenSSL's native byte order.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace strongroom::software {

// 0 for an empty or all-zero number.
std::uint32_t bit_length(ByteView number) noexcept;

ByteView without_leading_zeros(ByteView number) noexcept;

// a - b into `out`, all of one size; yields the borrow, 1 when a < b. Same time whatever the bytes.
unsigned subtract(ByteView a, ByteView b, MutableByteView out) noexcept;

// Whether 1 ≤ number < bound, both of one size. Same time whatever the number.
bool is_positive_below(ByteView number, ByteView bound) noexcept;

// Both ways between big-endian and the byte order of OSSL_PARAM's integers, in place.
void swap_native_order(MutableByteView number) noexcept;

}  // namespace strongroom::software
