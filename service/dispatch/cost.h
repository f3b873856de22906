// What operations cost, in microseconds of one core: the unit of fairness, and what decides whether
// a request runs on the thread that read it. Measured once with OpenSSL 3.0 on the reference
// machine; only the proportions matter.
#pragma once

#include <cstddef>

#include "base/psa.h"
#include "service/principals/accounts.h"

namespace strongroom {

// What a request may cost and still run inline, and the longest body that is parsed there.
inline constexpr Cost kInlineCost{100};
inline constexpr std::size_t kInlineBody = std::size_t{16} * 1024;

inline constexpr Cost kTrivialCost{1};
// A change waits for the store's writer, whatever its cryptography costs: never inline.
inline constexpr Cost kStoreChangeCost{400};

Cost cost_of_generation(const psa::KeyType& type, std::uint32_t bits) noexcept;
Cost cost_of_import(const psa::KeyType& type, std::size_t data_size) noexcept;
// Signing, decryption, key agreement.
Cost cost_of_private_operation(const psa::KeyAttributes& key, std::size_t input_size) noexcept;
// Verification, encryption.
Cost cost_of_public_operation(const psa::KeyAttributes& key, std::size_t input_size) noexcept;
// Symmetric ciphers, MACs, hashes, random.
Cost cost_of_bytes(std::size_t size) noexcept;

}  // namespace strongroom
