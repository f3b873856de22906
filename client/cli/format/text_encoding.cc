#include "client/cli/format/text_encoding.h"

#include <cstdint>

namespace strongroom::cli {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  return std::string(text_of(base64_text(bytes)));
}

SecretBytes base64_text(ByteView bytes) {
  SecretBytes text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    ByteView group = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? std::to_integer<std::uint32_t>(group[j]) : 0);
    for (std::size_t j = 0; j < 4; ++j) {
      char digit = j <= group.size() ? kAlphabet[bits >> (18 - 6 * j) & 63] : '=';
      text.push_back(static_cast<std::byte>(digit));
    }
  }
  return text;
}

SecretBytes hex_text(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  SecretBytes text;
  text.reserve(2 * bytes.size());
  for (std::byte byte : bytes) {
    text.push_back(static_cast<std::byte>(kDigits[std::to_integer<std::size_t>(byte >> 4)]));
    text.push_back(
        static_cast<std::byte>(kDigits[std::to_integer<std::size_t>(byte & std::byte{15})]));
  }
  return text;
}

std::optional<SecretBytes> from_base64(std::string_view text) {
  SecretBytes bytes;
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (char c : text) {
    if (is_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding != 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++digits % 4 == 1) continue;
    // Each digit but the first of four completes a byte.
    std::size_t spare = 2 * (3 - (digits - 1) % 4);
    bytes.push_back(static_cast<std::byte>(bits >> spare & 0xff));
  }
  bool complete = digits % 4 != 1 && padding == (4 - digits % 4) % 4;
  if (!complete) return std::nullopt;
  return bytes;
}

std::optional<SecretBytes> from_hex(std::string_view text) {
  SecretBytes bytes;
  std::optional<unsigned> high;
  for (char c : text) {
    if (is_space(c)) continue;
    std::optional<unsigned> digit = hex_digit(c);
    if (!digit) return std::nullopt;
    if (high) {
      bytes.push_back(static_cast<std::byte>(*high << 4 | *digit));
      high.reset();
    } else {
      high = digit;
    }
  }
  if (high) return std::nullopt;
  return bytes;
}

}  // namespace strongroom::cli
