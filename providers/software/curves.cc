#include "providers/software/curves.h"

#include <algorithm>
#include <array>

#include <openssl/objects.h>

namespace strongroom::software {
namespace {

using enum psa::EccFamily;

// Scalars are as long as the longer of size and order: one bit more for secp224k1 and secp160r2.
constexpr std::array kCurves = {
    Curve{SecpK1, 192, NID_secp192k1, 24, 24},
    Curve{SecpK1, 224, NID_secp224k1, 28, 29},
    Curve{SecpK1, 256, NID_secp256k1, 32, 32},
    Curve{SecpR1, 192, NID_X9_62_prime192v1, 24, 24},
    Curve{SecpR1, 224, NID_secp224r1, 28, 28},
    Curve{SecpR1, 256, NID_X9_62_prime256v1, 32, 32},
    Curve{SecpR1, 384, NID_secp384r1, 48, 48},
    Curve{SecpR1, 521, NID_secp521r1, 66, 66},
    Curve{SecpR2, 160, NID_secp160r2, 20, 21},
    Curve{SectK1, 163, NID_sect163k1, 21, 21},
    Curve{SectK1, 233, NID_sect233k1, 30, 30},
    Curve{SectK1, 239, NID_sect239k1, 30, 30},
    Curve{SectK1, 283, NID_sect283k1, 36, 36},
    Curve{SectK1, 409, NID_sect409k1, 52, 52},
    Curve{SectK1, 571, NID_sect571k1, 72, 72},
    Curve{SectR1, 163, NID_sect163r1, 21, 21},
    Curve{SectR1, 233, NID_sect233r1, 30, 30},
    Curve{SectR1, 283, NID_sect283r1, 36, 36},
    Curve{SectR1, 409, NID_sect409r1, 52, 52},
    Curve{SectR1, 571, NID_sect571r1, 72, 72},
    Curve{SectR2, 163, NID_sect163r2, 21, 21},
    Curve{BrainpoolPR1, 160, NID_brainpoolP160r1, 20, 20},
    Curve{BrainpoolPR1, 192, NID_brainpoolP192r1, 24, 24},
    Curve{BrainpoolPR1, 224, NID_brainpoolP224r1, 28, 28},
    Curve{BrainpoolPR1, 256, NID_brainpoolP256r1, 32, 32},
    Curve{BrainpoolPR1, 320, NID_brainpoolP320r1, 40, 40},
    Curve{BrainpoolPR1, 384, NID_brainpoolP384r1, 48, 48},
    Curve{BrainpoolPR1, 512, NID_brainpoolP512r1, 64, 64},
};

constexpr std::array kMontgomeryCurves = {
    MontgomeryCurve{255, "X25519", 32},
    MontgomeryCurve{448, "X448", 56},
};

constexpr std::array kEdwardsCurves = {
    EdwardsCurve{255, "ED25519", 32, 64},
    EdwardsCurve{448, "ED448", 57, 114},
};

}  // namespace

const char* Curve::openssl_name() const noexcept {
  return OBJ_nid2sn(nid);
}

std::span<const Curve> known_curves() noexcept {
  return kCurves;
}

const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const auto* row = std::ranges::find_if(kCurves, [&](const Curve& curve) {
    return type.is_ecc() && type.curve_family == curve.family && bits == curve.bits;
  });
  return row == kCurves.end() ? nullptr : row;
}

std::span<const MontgomeryCurve> known_montgomery_curves() noexcept {
  return kMontgomeryCurves;
}

const MontgomeryCurve* montgomery_curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  if (type.curve_family != Montgomery) return nullptr;
  const auto* row = std::ranges::find(kMontgomeryCurves, bits, &MontgomeryCurve::bits);
  return row == kMontgomeryCurves.end() ? nullptr : row;
}

std::span<const EdwardsCurve> known_edwards_curves() noexcept {
  return kEdwardsCurves;
}

const EdwardsCurve* edwards_curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  if (type.curve_family != TwistedEdwards) return nullptr;
  const auto* row = std::ranges::find(kEdwardsCurves, bits, &EdwardsCurve::bits);
  return row == kEdwardsCurves.end() ? nullptr : row;
}

}  // namespace strongroom::software
