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
// The most keys that are listed inline.
inline constexpr std::size_t kInlineKeys = 64;
// The most that quick workers do; what costs more waits for a slow one.
inline constexpr Cost kQuickCost{10'000};

inline constexpr Cost kTrivialCost{1};
// A change waits for the store's writer, whatever its cryptography costs: never inline.
inline constexpr Cost kStoreChangeCost{400};
// Of a statement or a credential, whose keys a TPM may have to load or to make again.
inline constexpr Cost kAttestationCost{3'000};

// What is thought of a request before its body is parsed.
Cost estimated_cost(std::size_t body_size) noexcept;

Cost cost_of_generation(const psa::KeyType& type, std::uint32_t bits) noexcept;
Cost cost_of_import(const psa::KeyType& type, std::size_t data_size) noexcept;
// Signing, decryption. RFC 6979 adds 20 µs, which makes no difference to where it runs.
Cost cost_of_private_operation(const psa::KeyAttributes& key) noexcept;
// With validation of the peer's key, which on binary curves and in groups costs as much again.
Cost cost_of_agreement(const psa::KeyAttributes& key) noexcept;
// Verification, encryption.
Cost cost_of_public_operation(const psa::KeyAttributes& key) noexcept;
// Parsing, copying and serialising, which is all there is to random bytes.
Cost cost_of_bytes(std::size_t size) noexcept;
// To find and to describe them.
Cost cost_of_listing(std::size_t keys) noexcept;
// Of as many bits out of what goes into every block: info, or label and seed.
Cost cost_of_derivation(const psa::KeyDerivation& derivation, std::size_t input_size,
                        std::uint32_t bits) noexcept;
Cost cost_of_hash(psa::Hash hash, std::size_t size) noexcept;
// To hash a message that is signed, or whose signature is verified, with a key of that size.
Cost cost_of_message(const psa::AsymmetricSignature& algorithm, std::uint32_t bits,
                     std::size_t size) noexcept;
// With a key of that type, in its most expensive mode.
Cost cost_of_cipher(const psa::KeyType& type, std::size_t size) noexcept;
// Of AES-KWP; of a key of that size.
Cost cost_of_key_wrap(std::size_t size) noexcept;
Cost cost_of_mac(const psa::Mac& mac, const psa::KeyType& type, std::size_t size) noexcept;

}  // namespace strongroom
