#include "providers/tpm/objects/public_keys.h"

#include <algorithm>
#include <array>

#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::tpm {
namespace {

struct Row {
  std::uint32_t bits;
  TPM2_ECC_CURVE curve;
};
// Brainpool curves have numbers in later revisions than the TSS knows.
constexpr std::array kCurves = {
    Row{192, TPM2_ECC_NIST_P192}, Row{224, TPM2_ECC_NIST_P224}, Row{256, TPM2_ECC_NIST_P256},
    Row{384, TPM2_ECC_NIST_P384}, Row{521, TPM2_ECC_NIST_P521},
};

constexpr UINT32 kDefaultExponent = 65'537;
constexpr std::byte kUncompressed{4};

template <typename Sized>
ByteView view_of_sized(const Sized& sized) {
  return std::as_bytes(std::span(sized.buffer).first(sized.size));
}

std::unexpected<TpmError> not_a_key() {
  return std::unexpected(malformed_answer("reading a public key", "no key of its own size"));
}

// TPMs may leave out leading zeros.
bool copy_coordinate(const TPM2B_ECC_PARAMETER& coordinate, MutableByteView out) {
  if (coordinate.size > out.size()) return false;
  std::ranges::copy(view_of_sized(coordinate), out.last(coordinate.size).begin());
  return true;
}

Outcome<Bytes> point_of(const TPMT_PUBLIC& area) {
  std::size_t size = field_size_of(area.parameters.eccDetail.curveID);
  if (size == 0) return not_a_key();
  Bytes point(1 + 2 * size);
  point[0] = kUncompressed;
  if (!copy_coordinate(area.unique.ecc.x, std::span(point).subspan(1, size)) ||
      !copy_coordinate(area.unique.ecc.y, std::span(point).last(size)))
    return not_a_key();
  return point;
}

Outcome<Bytes> rsa_der_of(const TPMT_PUBLIC& area) {
  ByteView modulus = view_of_sized(area.unique.rsa);
  if (software::bit_length(modulus) != area.parameters.rsaDetail.keyBits) return not_a_key();
  UINT32 e = rsa_exponent_of(area);
  const std::array exponent = {
      static_cast<std::byte>(e >> 24 & 0xff), static_cast<std::byte>(e >> 16 & 0xff),
      static_cast<std::byte>(e >> 8 & 0xff), static_cast<std::byte>(e & 0xff)};
  const std::array integers = {software::without_leading_zeros(modulus),
                               software::without_leading_zeros(exponent)};
  Bytes der(software::size_of_integers(integers));
  software::write_integers(integers, der);
  return der;
}

}  // namespace

Outcome<Bytes> public_key_of(const TPMT_PUBLIC& public_area) {
  if (public_area.type == TPM2_ALG_ECC) return point_of(public_area);
  if (public_area.type == TPM2_ALG_RSA) return rsa_der_of(public_area);
  return not_a_key();
}

UINT32 rsa_exponent_of(const TPMT_PUBLIC& public_area) noexcept {
  UINT32 exponent = public_area.parameters.rsaDetail.exponent;
  return exponent == 0 ? kDefaultExponent : exponent;
}

std::size_t field_size_of(TPM2_ECC_CURVE curve) noexcept {
  const auto* row = std::ranges::find(kCurves, curve, &Row::curve);
  return row == kCurves.end() ? 0 : (row->bits + 7) / 8;
}

TPM2_ECC_CURVE curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const auto* row = std::ranges::find(kCurves, bits, &Row::bits);
  bool is_nist = type.curve_family == psa::EccFamily::SecpR1 && row != kCurves.end();
  return is_nist ? row->curve : TPM2_ECC_NONE;
}

}  // namespace strongroom::tpm
