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
  return TokenCurve{.form = TokenCurve::Form::Weierstrass,
                    .key_type = CKK_EC,
                    .generation = CKM_EC_KEY_PAIR_GEN,
                    .nid = curve->nid,
                    .name = {},
                    .point_size = 1 + 2 * curve->field_size,
                    .scalar_size = curve->scalar_size,
                    .secret_size = curve->field_size,
                    .signature_size = 2 * curve->scalar_size};
}

std::optional<TokenCurve> edwards_curve(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const software::EdwardsCurve* curve = software::edwards_curve_of(type, bits);
  if (curve == nullptr) return std::nullopt;
  const bool is_25519 = curve->bits == 255;
  return TokenCurve{.form = TokenCurve::Form::Edwards,
                    .key_type = CKK_EC_EDWARDS,
                    .generation = CKM_EC_EDWARDS_KEY_PAIR_GEN,
                    .nid = is_25519 ? NID_ED25519 : NID_ED448,
                    .name = is_25519 ? "edwards25519" : "edwards448",
                    .point_size = curve->key_size,
                    .scalar_size = curve->key_size,
                    .secret_size = 0,
                    .signature_size = curve->signature_size};
}

std::optional<TokenCurve> montgomery_curve(const psa::KeyType& type, std::uint32_t bits,
                                           Quirks quirks) noexcept {
  const software::MontgomeryCurve* curve = software::montgomery_curve_of(type, bits);
  if (curve == nullptr) return std::nullopt;
  const bool is_25519 = curve->bits == 255;
  const bool is_as_edwards = quirks.has(Quirk::MontgomeryAsEdwards);
  return TokenCurve{
      .form = TokenCurve::Form::Montgomery,
      .key_type = is_as_edwards ? CKK_EC_EDWARDS : CKK_EC_MONTGOMERY,
      .generation = is_as_edwards ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
      .nid = is_25519 ? NID_X25519 : NID_X448,
      .name = is_25519 ? "curve25519" : "curve448",
      .point_size = curve->key_size,
      .scalar_size = curve->key_size,
      .secret_size = curve->key_size,
      .signature_size = 0};
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

bool is_montgomery(const psa::KeyType& type) noexcept {
  return type.curve_family == psa::EccFamily::Montgomery;
}

std::optional<TokenCurve> token_curve_of(const psa::KeyType& type, std::uint32_t bits,
                                         Quirks quirks) noexcept {
  if (is_edwards(type)) return edwards_curve(type, bits);
  if (is_montgomery(type)) return montgomery_curve(type, bits, quirks);
  return weierstrass_curve(type, bits);
}

std::vector<std::uint32_t> curve_sizes(const psa::KeyType& type) {
  std::vector<std::uint32_t> sizes;
  for (const software::Curve& curve : software::known_curves())
    if (curve.family == type.curve_family) sizes.push_back(curve.bits);
  for (const software::EdwardsCurve& curve : software::known_edwards_curves())
    if (is_edwards(type)) sizes.push_back(curve.bits);
  for (const software::MontgomeryCurve& curve : software::known_montgomery_curves())
    if (is_montgomery(type)) sizes.push_back(curve.bits);
  return sizes;
}

Result<Bytes> ec_parameters_of(const TokenCurve& curve, Quirks quirks) {
  if (!curve.is_weierstrass() && quirks.has(Quirk::CurvesByName))
    return printable_string(curve.name);
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
