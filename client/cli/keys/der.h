// The corner of DER (X.690 §8, §10) that keys and certificates are made of. Private keys pass
// through here and not through libcrypto's decoders, which leave copies behind.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "base/bytes.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli::der {

inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kNull = 0x05;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;
// Context-specific tags up to 30; constructed ones hold elements, primitive ones replace a tag.
constexpr std::uint8_t constructed(unsigned number) {
  return static_cast<std::uint8_t>(0xa0 | number);
}
constexpr std::uint8_t primitive(unsigned number) {
  return static_cast<std::uint8_t>(0x80 | number);
}

// Takes elements from the front of a content; what it gives points into it. An element that is cut
// short, or whose length is not in its shortest form, is none.
class Reader {
 public:
  explicit Reader(ByteView content) noexcept : rest_(content) {}

  bool is_empty() const noexcept { return rest_.empty(); }
  bool is_next(std::uint8_t tag) const noexcept;
  // The next element's content, if it has this tag; else nothing is taken.
  std::optional<ByteView> take(std::uint8_t tag) noexcept;
  // Likewise, with tag and length.
  std::optional<ByteView> take_whole(std::uint8_t tag) noexcept;
  // The magnitude of a non-negative integer without leading zeros; zero is empty.
  std::optional<ByteView> take_unsigned() noexcept;
  // The octets of a bit string without unused bits.
  std::optional<ByteView> take_bits() noexcept;

 private:
  ByteView rest_;
};

// The content of the one element that `bytes` are.
std::optional<ByteView> content_of(ByteView bytes, std::uint8_t tag) noexcept;

// Wiped when it is released, as private keys are made of them, too.
using Element = SecretBytes;

Element element(std::uint8_t tag, std::initializer_list<ByteView> contents);
// Of a big-endian magnitude.
Element unsigned_integer(ByteView magnitude);
Element small_integer(std::uint8_t value);
Element bit_string(ByteView octets);
// `encoded` is the identifier's content.
Element object_identifier(std::string_view encoded);

}  // namespace strongroom::cli::der
