#include "client/cli/keys/key_material.h"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {
namespace {

constexpr std::array kUnheld = {
    std::pair{oid::kDsa, "a DSA key"},
    std::pair{oid::kDh, "a Diffie-Hellman key"},
};

}  // namespace

std::unexpected<Failure> cannot_be_held(ByteView algorithm) {
  const auto* row =
      std::ranges::find(kUnheld, text_of(algorithm), [](const auto& pair) { return pair.first; });
  return failed(ExitCode::NotSupported,
                fmt::format("it holds {}, which the service cannot hold",
                            row == kUnheld.end() ? "a key of another kind" : row->second),
                "it holds RSA and ECC keys, and those of ciphers");
}

std::uint32_t bit_length(ByteView number) noexcept {
  if (number.empty()) return 0;
  auto first = std::to_integer<unsigned>(number.front());
  return static_cast<std::uint32_t>(8 * (number.size() - 1)) +
         static_cast<std::uint32_t>(std::bit_width(first));
}

Outcome<const Curve*> named_curve(ByteView parameters) {
  std::optional<ByteView> identifier = der::content_of(parameters, der::kObjectIdentifier);
  if (!identifier)
    return not_a_key("it describes its curve by parameters instead of naming it",
                     "'openssl ec -in FILE -param_enc named_curve' writes one that names it");
  const Curve* curve = curve_identified_by(*identifier);
  if (curve == nullptr)
    return failed(ExitCode::NotSupported, "its curve is none that this program reads keys of");
  return curve;
}

Outcome<KeyAlgorithm> key_algorithm(ByteView content) {
  der::Reader reader(content);
  std::optional<ByteView> identifier = reader.take(der::kObjectIdentifier);
  if (!identifier) return not_a_key("it names no algorithm");
  std::string_view name = text_of(*identifier);
  if (name == oid::kRsa || name == oid::kRsaPss) return KeyAlgorithm{.curve = nullptr};
  if (name == oid::kEcc) {
    ByteView parameters = content.subspan(identifier->size() + 2);
    const Curve* curve = TRY(named_curve(parameters));
    return KeyAlgorithm{.curve = curve};
  }
  const Curve* curve = curve_identified_by(*identifier);
  if (curve == nullptr || curve->is_weierstrass()) return cannot_be_held(*identifier);
  return KeyAlgorithm{.curve = curve};
}

}  // namespace strongroom::cli
