#include "service/migration/names.h"

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/utf8.h"

namespace strongroom::parsec {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kGroup = 4;

std::unexpected<Error> malformed(std::string_view encoded) {
  return fail(Status::PsaErrorDataCorrupt,
              fmt::format("'{}' is no name in base64url", escaped(encoded, 64)));
}

// The bits of a group without its padding: 6 a digit, of which whole bytes are meant and the rest
// is 0.
std::optional<std::string> decoded(std::string_view digits) {
  std::uint32_t bits = 0;
  for (char digit : digits) {
    const std::size_t value = kAlphabet.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
  }
  const std::size_t count = digits.size() * 6 / 8;
  const std::size_t spare = digits.size() * 6 - count * 8;
  if (count == 0 || (bits & ((1U << spare) - 1)) != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = count; i-- > 0;)
    text.push_back(static_cast<char>(bits >> (spare + 8 * i) & 0xff));
  return text;
}

}  // namespace

Result<std::string> parse_name(std::string_view encoded) {
  if (encoded.empty() || encoded.size() % kGroup != 0) return malformed(encoded);
  const std::size_t end = encoded.find_last_not_of('=');
  if (end == std::string_view::npos || encoded.size() - end > 3) return malformed(encoded);
  const std::string_view digits = encoded.substr(0, end + 1);
  std::string name;
  for (std::size_t at = 0; at < digits.size(); at += kGroup) {
    const auto group = decoded(digits.substr(at, kGroup));
    if (!group) return malformed(encoded);
    name += *group;
  }
  if (!is_utf8(name)) return malformed(encoded);
  return name;
}

}  // namespace strongroom::parsec
