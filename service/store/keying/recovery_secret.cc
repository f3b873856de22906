#include "service/store/keying/recovery_secret.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace strongroom {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kDataSymbols = 4;
constexpr std::size_t kSymbols = kDataSymbols + 1;  // of a group
constexpr std::size_t kSymbolBits = 5;
constexpr std::size_t kLetters = RecoverySecret::kGroups * kSymbols;
constexpr std::size_t kLongestText = 256;

static_assert(RecoverySecret::kGroups * kDataSymbols * kSymbolBits == 8 * RecoverySecret::kBytes);

// By alpha in GF(32) with x^5 + x^2 + 1.
constexpr unsigned times_alpha(unsigned element) {
  const unsigned doubled = element << 1U;
  return (doubled & 0x20U) != 0 ? doubled ^ 0x25U : doubled;
}

// Each symbol has a factor of its own, so that one that is wrong and two that are swapped show; the
// group's number tells groups out of order.
unsigned check_of(ByteView symbols, std::size_t group) {
  unsigned sum = 0;
  for (std::byte symbol : symbols)
    sum = times_alpha(sum ^ std::to_integer<unsigned>(symbol));
  return sum ^ static_cast<unsigned>(group);
}

std::unexpected<Error> not_one(std::string text) {
  return fail(Status::PsaErrorInvalidArgument, "recovery secret: " + std::move(text));
}

// The symbol that a letter stands for; 32 for none.
unsigned symbol_of(char letter) {
  if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  if (letter == 'I' || letter == 'L') letter = '1';
  if (letter == 'O') letter = '0';
  return static_cast<unsigned>(std::min(kAlphabet.find(letter), kAlphabet.size()));
}

bool is_space(char letter) {
  return letter == ' ' || letter == '-' || letter == '\n' || letter == '\r' || letter == '\t';
}

Result<SecretBuffer> symbols_of(ByteView text) {
  if (text.size() > kLongestText) return not_one("it is too long");
  SecretBuffer symbols = TRY(SecretBuffer::of_size(kLetters));
  std::size_t found = 0;
  for (char letter : text_of(text)) {
    if (is_space(letter)) continue;
    const unsigned symbol = symbol_of(letter);
    if (symbol == kAlphabet.size() && found < kLetters)
      return not_one(
          fmt::format("group {} has a character that it cannot have", found / kSymbols + 1));
    if (found < kLetters) symbols.reveal_mutable()[found] = static_cast<std::byte>(symbol);
    ++found;
  }
  if (found != kLetters)
    return not_one(fmt::format("it has {} letters and digits, not {} in {} groups of {}", found,
                               kLetters, RecoverySecret::kGroups, kSymbols));
  return symbols;
}

}  // namespace

Result<RecoverySecret> RecoverySecret::generate() {
  SecretBuffer octets = TRY(SecretBuffer::random(kBytes));
  return RecoverySecret(std::move(octets));
}

Result<RecoverySecret> RecoverySecret::parse(ByteView text) {
  SecretBuffer symbols = TRY(symbols_of(text));
  SecretBuffer octets = TRY(SecretBuffer::of_size(kBytes));
  unsigned pending = 0;
  unsigned bits = 0;
  std::byte* next = octets.reveal_mutable().data();
  for (std::size_t group = 0; group < kGroups; ++group) {
    ByteView here = symbols.reveal().subspan(group * kSymbols, kSymbols);
    ByteView data = here.first(kDataSymbols);
    if (check_of(data, group) != std::to_integer<unsigned>(here.back()))
      return not_one(fmt::format("group {} has a mistake", group + 1));
    for (std::byte symbol : data) {
      pending = pending << kSymbolBits | std::to_integer<unsigned>(symbol);
      bits += kSymbolBits;
      if (bits < 8) continue;
      bits -= 8;
      *next++ = static_cast<std::byte>(pending >> bits);
    }
  }
  return RecoverySecret(std::move(octets));
}

Result<SecretBuffer> RecoverySecret::text() const {
  SecretBuffer text = TRY(SecretBuffer::of_size(kLetters + kGroups - 1));
  std::array<std::byte, kDataSymbols> symbols{};
  std::byte* out = text.reveal_mutable().data();
  auto put = [&out](unsigned symbol) { *out++ = static_cast<std::byte>(kAlphabet[symbol]); };
  for (std::size_t group = 0; group < kGroups; ++group) {
    if (group != 0) *out++ = std::byte{'-'};
    for (std::size_t i = 0; i < kDataSymbols; ++i) {
      const std::size_t bit = (group * kDataSymbols + i) * kSymbolBits;
      ByteView rest = octets_.reveal().subspan(bit / 8);
      const unsigned next = rest.size() > 1 ? std::to_integer<unsigned>(rest[1]) : 0;
      const unsigned two = std::to_integer<unsigned>(rest[0]) << 8U | next;
      symbols[i] = static_cast<std::byte>(two >> (16 - kSymbolBits - bit % 8) & 0x1FU);
      put(std::to_integer<unsigned>(symbols[i]));
    }
    put(check_of(symbols, group));
  }
  wipe(symbols);
  return text;
}

}  // namespace strongroom
