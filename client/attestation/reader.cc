#include "client/attestation/reader.h"

#include <fmt/format.h>

namespace strongroom::attestation {

std::string_view to_string(Field field) noexcept {
  switch (field) {
    case Field::Structure: return "structure";
    case Field::Magic: return "magic";
    case Field::Type: return "type";
    case Field::Nonce: return "nonce";
    case Field::Name: return "name";
    case Field::QualifiedSigner: return "qualified signer";
    case Field::Clock: return "clock";
    case Field::ResetCount: return "reset count";
    case Field::RestartCount: return "restart count";
    case Field::FirmwareVersion: return "firmware version";
    case Field::PcrSelection: return "pcr selection";
    case Field::PcrDigest: return "pcr digest";
    case Field::Signature: return "signature";
    case Field::AttestationKey: return "attestation key";
    case Field::KeyAttributes: return "key attributes";
    case Field::PublicKey: return "public key";
    case Field::Expectation: return "expectation";
  }
  return "unknown";
}

std::unexpected<Failure> failure(Field field, std::string_view what) {
  return std::unexpected(Failure{field, fmt::format("{}: {}", to_string(field), what)});
}

std::unexpected<Failure> differs(Field field, std::string_view expected, std::string_view found) {
  return failure(field, fmt::format("expected {}, found {}", expected, found));
}

Verified<std::uint64_t> Reader::number(std::size_t bytes) {
  auto taken = TRY(take(bytes));
  std::uint64_t value = 0;
  for (std::byte octet : taken)
    value = value << 8 | std::to_integer<std::uint64_t>(octet);
  return value;
}

Verified<ByteView> Reader::take(std::size_t bytes) {
  if (bytes > rest_.size())
    return malformed(fmt::format("{} bytes where {} belong", rest_.size(), bytes));
  ByteView taken = rest_.first(bytes);
  rest_ = rest_.subspan(bytes);
  return taken;
}

Verified<ByteView> Reader::sized() {
  auto size = TRY(number(2));
  return take(size);
}

Verified<> Reader::end() const {
  if (!rest_.empty()) return malformed(fmt::format("{} bytes behind its end", rest_.size()));
  return {};
}

std::unexpected<Failure> Reader::malformed(std::string_view how) const {
  return failure(Field::Structure, fmt::format("{}: {}", what_, how));
}

}  // namespace strongroom::attestation
