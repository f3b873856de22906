// The groups of RFC 7919, as the objects of DH keys have them.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::pkcs11 {

// CKA_BASE.
inline constexpr std::array kDhGenerator = {std::byte{2}};

// CKA_PRIME. PsaErrorNotSupported for sizes without a group.
Result<Bytes> dh_prime(std::uint32_t bits);

}  // namespace strongroom::pkcs11
