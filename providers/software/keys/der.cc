#include "providers/software/keys/der.h"

#include <algorithm>

namespace strongroom::software {
namespace {

constexpr std::byte kInteger{0x02};
constexpr std::byte kSequence{0x30};
constexpr std::byte kLongForm{0x80};  // in a length's first byte
constexpr std::byte kSign{0x80};      // in an integer's first byte
// Keys are far below 64 KiB; longer lengths are refused rather than computed with.
constexpr std::size_t kLongestLength = 2;

std::unexpected<Error> malformed(const char* what) {
  return fail(Status::PsaErrorInvalidArgument, fmt::format("parsing DER: {}", what));
}

// Takes elements off the front of `rest_`.
class Reader {
 public:
  explicit Reader(ByteView input) noexcept : rest_(input) {}

  bool is_at_end() const noexcept { return rest_.empty(); }

  Result<ByteView> element(std::byte tag) {
    if (rest_.size() < 2 || rest_[0] != tag) return malformed("another element expected");
    rest_ = rest_.subspan(1);
    auto size = TRY(length());
    if (size > rest_.size()) return malformed("an element is longer than its surroundings");
    return take(size);
  }

 private:
  ByteView take(std::size_t size) noexcept {
    ByteView front = rest_.first(size);
    rest_ = rest_.subspan(size);
    return front;
  }

  Result<std::size_t> length() {
    std::byte first = take(1)[0];
    if ((first & kLongForm) == std::byte{0}) return std::to_integer<std::size_t>(first);
    auto count = std::to_integer<std::size_t>(first & ~kLongForm);
    if (count == 0 || count > kLongestLength || count > rest_.size())
      return malformed("a length is indefinite or too long");
    std::size_t size = 0;
    for (std::byte octet : take(count))
      size = size << 8 | std::to_integer<std::size_t>(octet);
    if (size < 0x80 || (count == 2 && size < 0x100)) return malformed("a length is not minimal");
    return size;
  }

  ByteView rest_;
};

Result<ByteView> magnitude(ByteView content) {
  if (content.empty()) return malformed("an integer is empty");
  if ((content[0] & kSign) != std::byte{0}) return malformed("an integer is negative");
  if (content[0] != std::byte{0}) return content;
  if (content.size() > 1 && (content[1] & kSign) == std::byte{0})
    return malformed("an integer is not minimal");
  return content.subspan(1);
}

std::size_t size_of_header(std::size_t content) noexcept {
  if (content < 0x80) return 2;
  return content < 0x100 ? 3 : 4;
}

// A zero byte keeps a magnitude from being read as negative, and is all there is of zero.
bool needs_zero(ByteView integer) noexcept {
  return integer.empty() || (integer[0] & kSign) != std::byte{0};
}

std::size_t size_of_content(ByteView integer) noexcept {
  return integer.size() + (needs_zero(integer) ? 1 : 0);
}

std::size_t size_of_sequence_content(std::span<const ByteView> integers) noexcept {
  std::size_t size = 0;
  for (ByteView integer : integers) {
    std::size_t content = size_of_content(integer);
    size += size_of_header(content) + content;
  }
  return size;
}

std::byte octet(std::size_t value) noexcept {
  return static_cast<std::byte>(value & 0xff);
}

// Yields what is left of `out`.
MutableByteView write_header(std::byte tag, std::size_t size, MutableByteView out) noexcept {
  out[0] = tag;
  if (size < 0x80) {
    out[1] = octet(size);
  } else if (size < 0x100) {
    out[1] = kLongForm | std::byte{1};
    out[2] = octet(size);
  } else {
    out[1] = kLongForm | std::byte{2};
    out[2] = octet(size >> 8);
    out[3] = octet(size);
  }
  return out.subspan(size_of_header(size));
}

}  // namespace

Result<> parse_integers(ByteView der, std::span<ByteView> integers) {
  Reader outer(der);
  auto sequence = TRY(outer.element(kSequence));
  if (!outer.is_at_end()) return malformed("bytes follow the key");
  Reader inner(sequence);
  for (ByteView& integer : integers) {
    auto content = TRY(inner.element(kInteger));
    auto value = TRY(magnitude(content));
    integer = value;
  }
  if (!inner.is_at_end()) return malformed("more integers than the key has");
  return {};
}

std::size_t size_of_integers(std::span<const ByteView> integers) noexcept {
  std::size_t content = size_of_sequence_content(integers);
  return size_of_header(content) + content;
}

void write_integers(std::span<const ByteView> integers, MutableByteView out) noexcept {
  out = write_header(kSequence, size_of_sequence_content(integers), out);
  for (ByteView integer : integers) {
    out = write_header(kInteger, size_of_content(integer), out);
    if (needs_zero(integer)) {
      out[0] = std::byte{0};
      out = out.subspan(1);
    }
    std::ranges::copy(integer, out.begin());
    out = out.subspan(integer.size());
  }
}

}  // namespace strongroom::software
