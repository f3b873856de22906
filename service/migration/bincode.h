// What Parsec's service keeps, as serde's bincode 1 writes it with its defaults: numbers of fixed
// width, little-endian, lengths as 64 bits, the variants of an enumeration counted as 32 bits, a
// truth as a byte, fields one after the other without names.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::parsec {

// Takes bytes that anybody may have written. PsaErrorDataCorrupt for what ends too early or has no
// such form.
class BincodeReader {
 public:
  explicit BincodeReader(ByteView bytes) noexcept : rest_(bytes) {}

  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<bool> truth();
  // One of `count` variants, from 0.
  Result<std::uint32_t> variant(std::uint32_t count);
  // A vector of bytes; stands in what was given to the constructor.
  Result<ByteView> bytes();
  // Nothing may be left.
  Result<> end() const;

 private:
  Result<ByteView> take(std::uint64_t size);
  Result<std::uint64_t> number(std::size_t size);

  ByteView rest_;
};

}  // namespace strongroom::parsec
