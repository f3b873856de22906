// The curves that key files name, by all their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::cli {

struct Curve {
  psa::EccFamily family;
  std::uint32_t bits;
  const char* openssl_name;     // null: libcrypto lacks it
  std::string_view identifier;  // the content of its OID (SEC 2, RFC 5639, RFC 8410)
  std::string_view ssh_name;    // RFC 5656 §6.1, RFC 8709 §4; empty: OpenSSH lacks it

  // Has points and ECDSA, unlike the curves of RFC 7748 and RFC 8032.
  bool is_weierstrass() const noexcept {
    return family != psa::EccFamily::Montgomery && !is_edwards();
  }
  bool is_edwards() const noexcept { return family == psa::EccFamily::TwistedEdwards; }
  // Of a coordinate of a point, or of the whole public key where there are no points. RFC 8032 has
  // a bit more for the sign of x.
  std::size_t public_size() const noexcept { return (bits + (is_edwards() ? 1U : 0U) + 7) / 8; }
  // Of a scalar, or of what RFC 8032 makes one of.
  std::size_t private_size() const noexcept;
};

std::span<const Curve> curves() noexcept;

// nullptr for curves that are not in the table.
const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;
const Curve* curve_identified_by(ByteView identifier) noexcept;
const Curve* curve_of_ssh(std::string_view name) noexcept;

}  // namespace strongroom::cli
