// The curves that key files name, by all their names.
#pragma once

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
  std::string_view ssh_name;    // RFC 5656 §6.1; empty: OpenSSH lacks it

  // Has points and ECDSA, unlike the curves of RFC 7748.
  bool is_weierstrass() const noexcept { return family != psa::EccFamily::Montgomery; }
};

std::span<const Curve> curves() noexcept;

// nullptr for curves that are not in the table.
const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;
const Curve* curve_identified_by(ByteView identifier) noexcept;
const Curve* curve_of_ssh(std::string_view name) noexcept;

}  // namespace strongroom::cli
