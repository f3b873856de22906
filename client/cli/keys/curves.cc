#include "client/cli/keys/curves.h"

#include <algorithm>
#include <array>

#include "client/cli/format/signature.h"

namespace strongroom::cli {
namespace {

using psa::EccFamily;
using namespace std::string_view_literals;

constexpr std::array kCurves = {
    Curve{EccFamily::SecpR1, 192, "prime192v1", "\x2a\x86\x48\xce\x3d\x03\x01\x01"sv, ""},
    Curve{EccFamily::SecpR1, 224, "secp224r1", "\x2b\x81\x04\x00\x21"sv, ""},
    Curve{EccFamily::SecpR1, 256, "prime256v1", "\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "nistp256"},
    Curve{EccFamily::SecpR1, 384, "secp384r1", "\x2b\x81\x04\x00\x22"sv, "nistp384"},
    Curve{EccFamily::SecpR1, 521, "secp521r1", "\x2b\x81\x04\x00\x23"sv, "nistp521"},
    Curve{EccFamily::SecpK1, 192, "secp192k1", "\x2b\x81\x04\x00\x1f"sv, ""},
    Curve{EccFamily::SecpK1, 224, "secp224k1", "\x2b\x81\x04\x00\x20"sv, ""},
    Curve{EccFamily::SecpK1, 256, "secp256k1", "\x2b\x81\x04\x00\x0a"sv, ""},
    Curve{EccFamily::BrainpoolPR1, 256, "brainpoolP256r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x07"sv,
          ""},
    Curve{EccFamily::BrainpoolPR1, 384, "brainpoolP384r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"sv,
          ""},
    Curve{EccFamily::BrainpoolPR1, 512, "brainpoolP512r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"sv,
          ""},
    Curve{EccFamily::Montgomery, 255, "X25519", "\x2b\x65\x6e"sv, ""},
    Curve{EccFamily::Montgomery, 448, "X448", "\x2b\x65\x6f"sv, ""},
    Curve{EccFamily::TwistedEdwards, 255, "ED25519", "\x2b\x65\x70"sv, "ssh-ed25519"},
    Curve{EccFamily::TwistedEdwards, 448, "ED448", "\x2b\x65\x71"sv, ""},
};

template <typename Predicate>
const Curve* find(Predicate is_it) noexcept {
  const auto* found = std::ranges::find_if(kCurves, is_it);
  return found == kCurves.end() ? nullptr : found;
}

}  // namespace

std::size_t Curve::private_size() const noexcept {
  if (is_edwards()) return public_size();
  return ecdsa_scalar_size({psa::KeyType::Kind::EccKeyPair, family}, bits);
}

std::span<const Curve> curves() noexcept {
  return kCurves;
}

const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  return find([&](const Curve& c) { return c.family == type.curve_family && c.bits == bits; });
}

const Curve* curve_identified_by(ByteView identifier) noexcept {
  return find([&](const Curve& c) { return c.identifier == text_of(identifier); });
}

const Curve* curve_of_ssh(std::string_view name) noexcept {
  return find([&](const Curve& c) { return !name.empty() && c.ssh_name == name; });
}

}  // namespace strongroom::cli
