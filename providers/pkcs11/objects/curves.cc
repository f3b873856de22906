#include "providers/pkcs11/objects/curves.h"

#include <algorithm>
#include <array>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "providers/software/curves.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::byte kPrintableString{0x13};
constexpr std::size_t kLongestOid = 32;

std::optional<TokenCurve> weierstrass_curve(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const software::Curve* curve = software::curve_of(type, bits);
  if (curve == nullptr) return std::nullopt;
  return TokenCurve{.key_type = CKK_EC,
                    .generation = CKM_EC_KEY_PAIR_GEN,
                    .nid = curve->nid,
                    .name = {},
                    .point_size = 1 + 2 * curve->field_size,
                    .scalar_size = curve->scalar_size,
                    .signature_size = 2 * curve->scalar_size};
}

std::optional<TokenCurve> edwards_curve(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const software::EdwardsCurve* curve = software::edwards_curve_of(type, bits);
  if (curve == nullptr) return std::nullopt;
  const bool is_25519 = curve->bits == 255;
  return TokenCurve{.key_type = CKK_EC_EDWARDS,
                    .generation = CKM_EC_EDWARDS_KEY_PAIR_GEN,
                    .nid = is_25519 ? NID_ED25519 : NID_ED448,
                    .name = is_25519 ? "edwards25519" : "edwards448",
                    .point_size = curve->key_size,
                    .scalar_size = curve->key_size,
                    .signature_size = curve->signature_size};
}

Bytes printable_string(std::string_view text) {
  Bytes der = {kPrintableString, static_cast<std::byte>(text.size())};
  der.insert(der.end(), view_of(text).begin(), view_of(text).end());
  return der;
}

}  // namespace

bool is_edwards(const psa::KeyType& type) noexcept {
  return type.curve_family == psa::EccFamily::TwistedEdwards;
}

std::optional<TokenCurve> token_curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  return is_edwards(type) ? edwards_curve(type, bits) : weierstrass_curve(type, bits);
}

std::vector<std::uint32_t> curve_sizes(const psa::KeyType& type) {
  std::vector<std::uint32_t> sizes;
  for (const software::Curve& curve : software::known_curves())
    if (curve.family == type.curve_family) sizes.push_back(curve.bits);
  for (const software::EdwardsCurve& curve : software::known_edwards_curves())
    if (is_edwards(type)) sizes.push_back(curve.bits);
  return sizes;
}

Result<Bytes> ec_parameters_of(const TokenCurve& curve, Quirks quirks) {
  if (curve.is_edwards() && quirks.has(Quirk::CurvesByName)) return printable_string(curve.name);
  std::array<unsigned char, kLongestOid> der{};
  const ASN1_OBJECT* oid = OBJ_nid2obj(curve.nid);
  int size = oid == nullptr ? -1 : i2d_ASN1_OBJECT(oid, nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > der.size())
    return fail(Status::PsaErrorNotSupported, "the curve has no name");
  unsigned char* end = der.data();
  i2d_ASN1_OBJECT(oid, &end);
  return copy_of(std::as_bytes(std::span(der)).first(static_cast<std::size_t>(size)));
}

bool are_parameters_of(const TokenCurve& curve, ByteView parameters) {
  for (Quirks quirks : {Quirks(), Quirks().with(Quirk::CurvesByName)}) {
    auto expected = ec_parameters_of(curve, quirks);
    if (expected && std::ranges::equal(*expected, parameters)) return true;
  }
  return false;
}

}  // namespace strongroom::pkcs11
