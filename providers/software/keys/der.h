// The corner of DER (X.690 §8, §10) that PKCS#1 keys need: one SEQUENCE of INTEGERs, none
// negative. Strict both ways, so that what is accepted is written again byte for byte.
#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::software {

// Fills `integers` with the big-endian magnitudes, without leading zeros (zero is empty); they
// point into `der`. PsaErrorInvalidArgument unless `der` is exactly one such SEQUENCE of exactly as
// many integers, each length and each integer in its shortest form.
Result<> parse_integers(ByteView der, std::span<ByteView> integers);

// Size of the SEQUENCE that write_integers() fills.
std::size_t size_of_integers(std::span<const ByteView> integers) noexcept;

// `integers` are magnitudes as above; `out` has exactly size_of_integers() bytes.
void write_integers(std::span<const ByteView> integers, MutableByteView out) noexcept;

}  // namespace strongroom::software
