#include "tests/conformance/fixed_keys.h"

#include <algorithm>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

// Below the order of every curve.
Bytes fixed_scalar(const psa::KeyType& type, std::uint32_t bits) {
  if (type.curve_family == psa::EccFamily::Montgomery) {
    // Has the bits that RFC 7748 wants.
    Bytes scalar((bits + 7) / 8, std::byte{0x50});
    if (bits == 448) scalar.back() = std::byte{0xd0};
    return scalar;
  }
  if (type.curve_family == psa::EccFamily::TwistedEdwards) return edwards_test_key(bits).secret;
  bool is_published = type.kind == psa::KeyType::Kind::EccKeyPair &&
                      type.curve_family == psa::EccFamily::SecpR1 &&
                      (bits == 256 || bits == 384 || bits == 521);
  if (is_published) return ec_test_key(bits).scalar;
  auto curve = oracle::curve_of(type, bits);
  if (!curve) return {};
  Bytes scalar(curve->scalar_size, std::byte{0x11});
  scalar[0] = std::byte{0};
  return scalar;
}

Bytes fixed_point(const psa::KeyType& type, std::uint32_t bits) {
  psa::KeyType pair{psa::KeyType::Kind::EccKeyPair, type.curve_family};
  if (type.curve_family == psa::EccFamily::Montgomery)
    return oracle::montgomery_public_key(bits, fixed_scalar(pair, bits));
  if (type.curve_family == psa::EccFamily::TwistedEdwards) return edwards_test_key(bits).point;
  if (!oracle::curve_of(type, bits)) return {};
  return oracle::ec_public_point(type, bits, fixed_scalar(pair, bits));
}

Bytes fixed_exponent(std::uint32_t bits) {
  Bytes exponent(bits / 8);
  if (exponent.size() > 32) std::ranges::fill(MutableByteView(exponent).last(32), std::byte{0x11});
  return exponent;
}

// With odd parity, and no two keys of 8 bytes alike.
Bytes fixed_des_key(std::uint32_t bits) {
  Bytes key(bits / 8);
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = std::byte{0x10} << (i / 8);
  return key;
}

}  // namespace

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i + 1);
  return bytes;
}

Bytes fixed_key(const psa::KeyType& type, std::uint32_t bits) {
  using Kind = psa::KeyType::Kind;
  bool is_rsa_size = bits == 1024 || bits == 2048 || bits == 3072 || bits == 4096;
  switch (type.kind) {
    case Kind::RsaKeyPair: return is_rsa_size ? rsa_pair_der(bits) : Bytes();
    case Kind::RsaPublicKey:
      return is_rsa_size ? oracle::rsa_public_der(rsa_pair_der(bits)) : Bytes();
    case Kind::EccKeyPair: return fixed_scalar(type, bits);
    case Kind::EccPublicKey: return fixed_point(type, bits);
    case Kind::DhKeyPair: return fixed_exponent(bits);
    case Kind::DhPublicKey:
      return oracle::dh_power(bits, Bytes(1, std::byte{2}), fixed_exponent(bits));
    case Kind::Des: return fixed_des_key(bits);
    default: return counting(bits / 8);
  }
}

}  // namespace strongroom::conformance
