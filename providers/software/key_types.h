// Which keys the provider makes and takes.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/psa.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// 0 bits are a size that no key has.
bool is_offered(const Algorithms& algorithms, const psa::KeyType& type, std::uint32_t bits);

// Moduli of 1024 to 4096 bits.
bool is_rsa_size(std::uint32_t bits) noexcept;

// Fails with PsaErrorNotSupported unless the type is offered in that size; 0 asks about any size.
Result<> check_key_type(const Algorithms& algorithms, const psa::KeyType& type, std::uint32_t bits);

std::unexpected<Error> key_not_offered(const psa::KeyType& type, std::uint32_t bits);

}  // namespace strongroom::software
