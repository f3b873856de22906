// The curves of keys in tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "providers/pkcs11/module/cryptoki.h"
#include "providers/pkcs11/token/quirks.h"

namespace strongroom::pkcs11 {

// A curve as the objects of its keys have it.
struct TokenCurve {
  // Weierstrass points are uncompressed, those of the others are strings of bytes (RFC 8032, RFC
  // 7748).
  enum class Form : std::uint8_t { Weierstrass, Edwards, Montgomery };

  Form form;
  CK_KEY_TYPE key_type;
  CK_MECHANISM_TYPE generation;
  int nid;                 // OpenSSL's number for it
  std::string_view name;   // in PKCS#11 v3.0 §2.3.5 and §2.3.7; empty for Weierstrass curves
  std::size_t point_size;  // of a public key in the export format
  std::size_t scalar_size;
  std::size_t secret_size;     // of an agreement
  std::size_t signature_size;  // 0 where there is none

  bool is_weierstrass() const noexcept { return form == Form::Weierstrass; }
};

bool is_edwards(const psa::KeyType& type) noexcept;
bool is_montgomery(const psa::KeyType& type) noexcept;

// Empty for what is no curve.
std::optional<TokenCurve> token_curve_of(const psa::KeyType& type, std::uint32_t bits,
                                         Quirks quirks = {}) noexcept;
// The sizes that the type's family has.
std::vector<std::uint32_t> curve_sizes(const psa::KeyType& type);

// CKA_EC_PARAMS: the curve's OID in DER (PKCS#11 v2.40 §2.3.3, RFC 3279 §2.3.5, RFC 8410 §3), or
// the name of such a string's curve where the token goes by names. PsaErrorNotSupported for a curve
// without either.
Result<Bytes> ec_parameters_of(const TokenCurve& curve, Quirks quirks);
// Whether they are of that curve, in either way.
bool are_parameters_of(const TokenCurve& curve, ByteView parameters);

}  // namespace strongroom::pkcs11
