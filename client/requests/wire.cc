#include "client/requests/wire.h"

#include <cstdint>

namespace strongroom::requests {
namespace {

enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
constexpr unsigned kMostVarintBytes = 10;

std::optional<std::uint64_t> take_varint(ByteView& bytes) noexcept {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < kMostVarintBytes && i < bytes.size(); ++i) {
    const auto octet = std::to_integer<std::uint64_t>(bytes[i]);
    value |= (octet & 0x7f) << (7 * i);
    if (octet >= 0x80) continue;
    bytes = bytes.subspan(i + 1);
    return value;
  }
  return std::nullopt;
}

// How many bytes follow the tag; what says so is taken.
std::optional<std::uint64_t> take_size(ByteView& bytes, unsigned type) noexcept {
  switch (type) {
    case kVarint: return take_varint(bytes) ? std::optional<std::uint64_t>(0) : std::nullopt;
    case kFixed64: return 8;
    case kBytes: return take_varint(bytes);
    case kFixed32: return 4;
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Entries> entries_of(ByteView message, int field) noexcept {
  Entries entries;
  for (; !message.empty(); ++entries.count) {
    const std::optional<std::uint64_t> tag = take_varint(message);
    if (!tag) return std::nullopt;
    const auto type = static_cast<unsigned>(*tag & 7);
    const std::optional<std::uint64_t> size = take_size(message, type);
    if (!size || *size > message.size()) return std::nullopt;
    if (*tag >> 3 == static_cast<unsigned>(field) && type == kBytes)
      entries.last = message.first(*size);
    message = message.subspan(*size);
  }
  return entries;
}

}  // namespace strongroom::requests
