// ECDSA signatures between the protocol's form and the one of openssl.
#pragma once

#include "base/bytes.h"
#include "base/psa.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// How many bytes r and s have each: those of the curve's order, which for secp224k1 and secp160r2
// is longer than the field.
std::size_t ecdsa_scalar_size(const psa::KeyType& type, std::uint32_t bits) noexcept;

// r‖s to Ecdsa-Sig-Value (RFC 3279 §2.2.3) and back. InvalidData for what is neither.
Outcome<Bytes> ecdsa_to_der(ByteView raw);
Outcome<Bytes> ecdsa_from_der(ByteView der, std::size_t scalar_size);

}  // namespace strongroom::cli
