// The curves that the contract names, as tables. Which of them libcrypto has is another matter:
// Algorithms asks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/psa.h"

namespace strongroom::software {

// A Weierstrass curve (SEC 2, RFC 5639).
struct Curve {
  psa::EccFamily family;
  std::uint32_t bits;
  int nid;                  // OpenSSL's number for it
  std::size_t field_size;   // of a coordinate, in bytes
  std::size_t scalar_size;  // of a private key, and of r and s: the order may be longer than bits

  const char* openssl_name() const noexcept;
};

std::span<const Curve> known_curves() noexcept;

// Null for what is no such curve.
const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;

// A curve for Diffie-Hellman alone (RFC 7748); all its keys are strings of bytes of one length.
struct MontgomeryCurve {
  std::uint32_t bits;
  const char* openssl_name;
  std::size_t key_size;
};

std::span<const MontgomeryCurve> known_montgomery_curves() noexcept;

// Null for what is no such curve.
const MontgomeryCurve* montgomery_curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;

// A curve for EdDSA alone (RFC 8032); private keys and points are strings of bytes of one length.
struct EdwardsCurve {
  std::uint32_t bits;
  const char* openssl_name;
  std::size_t key_size;
  std::size_t signature_size;
};

std::span<const EdwardsCurve> known_edwards_curves() noexcept;

// Null for what is no such curve.
const EdwardsCurve* edwards_curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;

}  // namespace strongroom::software
