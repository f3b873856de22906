// How a key of each type comes out of a derivation's output: PSA Crypto API 1.1,
// psa_key_derivation_output_key().
#pragma once

#include "base/secret_buffer.h"
#include "providers/software/algorithms.h"
#include "providers/software/derivation/key_stream.h"

namespace strongroom::software {

// Types that are strings of bytes, and pairs on curves. PSA leaves RSA out; our DH keys are below
// the order of their group, PSA's below the prime.
bool is_derivable(const psa::KeyType& type) noexcept;

// Key data in the format of an import, for a derivable type in an offered size. Private keys on
// Weierstrass curves are drawn by testing candidates (FIPS 186-4 §B.4.2), DES keys get their parity
// and are none of the 16 weak ones. PsaErrorInvalidArgument when there is not enough output.
Result<SecretBuffer> derived_key_data(const Algorithms& algorithms, const psa::KeyType& type,
                                      std::uint32_t bits, KeyStream& stream);

// SP 800-67 Rev. 2 §3.3.2; the four weak and the twelve semi-weak keys of 8 bytes.
bool is_weak_des_key(ByteView key) noexcept;

}  // namespace strongroom::software
