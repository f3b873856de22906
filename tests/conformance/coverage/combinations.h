// Every combination of key type, size, algorithm and usage flag that the contract has words for,
// and whether it works: found out by doing it.
#pragma once

#include <functional>
#include <vector>

#include "providers/provider.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {

// Whether PSA Crypto API 1.1 lets an algorithm be used with keys of a type: §10.3 to §10.10.
bool goes_with(const psa::Algorithm& algorithm, const psa::KeyType& type);

// What is tried with keys of each type and size.
enum class Extent {
  All,
  // Where the service's policy stands in front of the provider: all that goes with the type, and of
  // the rest, which policy refuses whatever its details, one of each kind with one size of each
  // type. Behind an agreement one hash stands for all, which are tried in a derivation by itself.
  BehindPolicy,
  // Of that, hashes and types that are deprecated: what allow_deprecated may change.
  DeprecatedBehindPolicy,
};
struct KeyToTry {
  testing::TypeAndBits key;
  std::vector<psa::Algorithm> algorithms;
};
std::vector<KeyToTry> keys_to_try(Extent extent);
// One each, and none; behind policy without those that no cryptographic operation needs.
std::vector<psa::UsageFlags> flags_to_try(Extent extent);

// Whether `key` can be used as one flag of `usage` permits. Any thread.
bool works(Provider& provider, const KeyRecord& key, const psa::UsageFlags& usage,
           const psa::Algorithm& algorithm);

// Calls `body` with each number below `count`, from several threads.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace strongroom::conformance
