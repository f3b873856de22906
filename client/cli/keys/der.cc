#include "client/cli/keys/der.h"

#include <algorithm>
#include <array>

namespace strongroom::cli::der {
namespace {

constexpr std::size_t kMostLengthOctets = 4;

struct Extent {
  std::size_t header;
  std::size_t content;
};

// Of the element that `bytes` begin with.
std::optional<Extent> extent_of(ByteView bytes) noexcept {
  if (bytes.size() < 2) return std::nullopt;
  auto first = std::to_integer<std::size_t>(bytes[1]);
  Extent extent{.header = 2, .content = first};
  if (first >= 0x80) {
    std::size_t octets = first & 0x7f;
    if (octets == 0 || octets > kMostLengthOctets || bytes.size() < 2 + octets) return std::nullopt;
    extent.content = 0;
    for (std::byte octet : bytes.subspan(2, octets))
      extent.content = extent.content << 8 | std::to_integer<std::size_t>(octet);
    bool is_shortest = extent.content >= 0x80 && (extent.content >> (8 * (octets - 1))) != 0;
    if (!is_shortest) return std::nullopt;
    extent.header += octets;
  }
  if (bytes.size() - extent.header < extent.content) return std::nullopt;
  return extent;
}

ByteView without_leading_zeros(ByteView number) noexcept {
  while (!number.empty() && number.front() == std::byte{0})
    number = number.subspan(1);
  return number;
}

void append_length(SecretBytes& out, std::size_t length) {
  if (length < 0x80) {
    out.push_back(static_cast<std::byte>(length));
    return;
  }
  std::size_t octets = 1;
  while (length >> (8 * octets) != 0)
    ++octets;
  out.push_back(static_cast<std::byte>(0x80 | octets));
  for (std::size_t i = octets; i > 0; --i)
    out.push_back(static_cast<std::byte>(length >> (8 * (i - 1)) & 0xff));
}

}  // namespace

bool Reader::is_next(std::uint8_t tag) const noexcept {
  return !rest_.empty() && rest_.front() == std::byte{tag};
}

std::optional<ByteView> Reader::take_whole(std::uint8_t tag) noexcept {
  if (!is_next(tag)) return std::nullopt;
  std::optional<Extent> extent = extent_of(rest_);
  if (!extent) return std::nullopt;
  ByteView whole = rest_.first(extent->header + extent->content);
  rest_ = rest_.subspan(whole.size());
  return whole;
}

std::optional<ByteView> Reader::take(std::uint8_t tag) noexcept {
  std::optional<ByteView> whole = take_whole(tag);
  if (!whole) return std::nullopt;
  return whole->subspan(extent_of(*whole)->header);
}

std::optional<ByteView> Reader::take_unsigned() noexcept {
  std::optional<ByteView> content = take(kInteger);
  bool is_negative = content && !content->empty() && (content->front() >> 7) != std::byte{0};
  if (!content || content->empty() || is_negative) return std::nullopt;
  return without_leading_zeros(*content);
}

std::optional<ByteView> Reader::take_bits() noexcept {
  std::optional<ByteView> content = take(kBitString);
  if (!content || content->empty() || content->front() != std::byte{0}) return std::nullopt;
  return content->subspan(1);
}

std::optional<ByteView> content_of(ByteView bytes, std::uint8_t tag) noexcept {
  Reader reader(bytes);
  std::optional<ByteView> content = reader.take(tag);
  if (!content || !reader.is_empty()) return std::nullopt;
  return content;
}

Element element(std::uint8_t tag, std::initializer_list<ByteView> contents) {
  std::size_t size = 0;
  for (ByteView content : contents)
    size += content.size();
  Element out;
  out.reserve(size + 2 + kMostLengthOctets);
  out.push_back(std::byte{tag});
  append_length(out, size);
  for (ByteView content : contents)
    out.insert(out.end(), content.begin(), content.end());
  return out;
}

Element unsigned_integer(ByteView magnitude) {
  constexpr std::array kZero = {std::byte{0}};
  magnitude = without_leading_zeros(magnitude);
  bool needs_zero = magnitude.empty() || (magnitude.front() >> 7) != std::byte{0};
  return element(kInteger, {needs_zero ? ByteView(kZero) : ByteView(), magnitude});
}

Element small_integer(std::uint8_t value) {
  const std::array octet = {std::byte{value}};
  return unsigned_integer(octet);
}

Element bit_string(ByteView octets) {
  constexpr std::array kNoUnusedBits = {std::byte{0}};
  return element(kBitString, {kNoUnusedBits, octets});
}

Element object_identifier(std::string_view encoded) {
  return element(kObjectIdentifier, {view_of(encoded)});
}

}  // namespace strongroom::cli::der
