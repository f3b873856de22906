// Byte strings, and the only place where they are reinterpreted.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strongroom {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

inline ByteView view_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

inline std::string_view text_of(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes bytes_of(std::string_view text) {
  ByteView view = view_of(text);
  return {view.begin(), view.end()};
}

inline Bytes copy_of(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// What C libraries take for the same octets.
inline const unsigned char* octets(ByteView bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets(MutableByteView bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

// Peer-supplied text made fit for a log line or a terminal: control characters, those that turn the
// direction of writing, quotes, backslashes and bytes that are not UTF-8 become \xNN; at most
// `limit` bytes of the source are shown.
std::string escaped(std::string_view text, std::size_t limit = 256);

}  // namespace strongroom
