// Fixed-width big-endian integers and length-prefixed byte strings: what the sealed records, their
// associated data and the head are made of.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace strongroom {

// Appends fields to a buffer of the caller's. With an empty buffer it only counts, so that one
// description of a format gives its size and its bytes.
class FieldWriter {
 public:
  FieldWriter() noexcept = default;
  // `out` must have room for everything written: what a counting run with the same fields found.
  explicit FieldWriter(MutableByteView out) noexcept : out_(out) {}

  void u8(std::uint8_t value) noexcept { integer(value, 1); }
  void u32(std::uint32_t value) noexcept { integer(value, 4); }
  void u64(std::uint64_t value) noexcept { integer(value, 8); }
  // A length of 4 bytes, then the bytes.
  void string(ByteView bytes) noexcept {
    u32(static_cast<std::uint32_t>(bytes.size()));
    raw(bytes);
  }
  void raw(ByteView bytes) noexcept {
    if (!out_.empty()) std::ranges::copy(bytes, out_.subspan(size_).begin());
    size_ += bytes.size();
  }
  std::size_t size() const noexcept { return size_; }

 private:
  void integer(std::uint64_t value, std::size_t width) noexcept {
    if (!out_.empty())
      for (std::size_t i = 0; i < width; ++i)
        out_[size_ + i] = static_cast<std::byte>(value >> (8 * (width - 1 - i)));
    size_ += width;
  }

  MutableByteView out_;
  std::size_t size_ = 0;
};

// Reads fields of untrusted bytes. Total: past the end it gives zeros and empty strings and stays
// failed, so that a parser asks once, at its end.
class FieldReader {
 public:
  explicit FieldReader(ByteView bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(integer(1)); }
  std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() noexcept { return integer(8); }
  ByteView string() noexcept { return raw(u32()); }
  ByteView raw(std::size_t size) noexcept {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  // A field was there but says nothing that is known.
  void fail() noexcept {
    is_failed_ = true;
    rest_ = {};
  }
  bool is_complete() const noexcept { return !is_failed_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (std::byte octet : raw(width))
      value = value << 8 | std::to_integer<std::uint64_t>(octet);
    return value;
  }

  ByteView rest_;
  bool is_failed_ = false;
};

}  // namespace strongroom
