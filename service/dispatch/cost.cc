#include "service/dispatch/cost.h"

#include <array>

namespace strongroom {
namespace {

// One row a key size, in µs.
struct SizeCost {
  std::uint32_t bits;  // up to and including
  int generation;
  int private_operation;
  int public_operation;
};
constexpr std::array kRsaCosts = {
    SizeCost{1024, 20'000, 120, 15},        SizeCost{2048, 100'000, 450, 25},
    SizeCost{3072, 400'000, 1'300, 45},     SizeCost{4096, 1'000'000, 3'000, 75},
    SizeCost{~0U, 10'000'000, 30'000, 300},
};
constexpr std::array kEccCosts = {
    SizeCost{256, 40, 40, 80},
    SizeCost{384, 900, 900, 800},
    SizeCost{~0U, 2'000, 2'000, 1'800},
};
constexpr std::array kDhCosts = {
    SizeCost{2048, 2'000, 2'000, 2'000},
    SizeCost{4096, 12'000, 12'000, 12'000},
    SizeCost{~0U, 80'000, 80'000, 80'000},
};

template <std::size_t Size>
const SizeCost& row_for(const std::array<SizeCost, Size>& rows, std::uint32_t bits) {
  for (const SizeCost& row : rows)
    if (bits <= row.bits) return row;
  return rows.back();
}

// The scalar arithmetic of curves other than P-256 is the generic kind, whatever their size.
const SizeCost& ecc_cost(const psa::KeyType& type, std::uint32_t bits) {
  bool is_p256 = type.curve_family == psa::EccFamily::SecpR1 && bits == 256;
  return is_p256 ? kEccCosts[0] : row_for(kEccCosts, bits == 256 ? 384 : bits);
}

constexpr SizeCost kSymmetricCost{0, 2, 2, 2};

const SizeCost& cost_of(const psa::KeyType& type, std::uint32_t bits) {
  if (type.is_rsa()) return row_for(kRsaCosts, bits);
  if (type.is_ecc()) return ecc_cost(type, bits);
  if (type.is_dh()) return row_for(kDhCosts, bits);
  return kSymmetricCost;
}

}  // namespace

Cost cost_of_generation(const psa::KeyType& type, std::uint32_t bits) noexcept {
  return kStoreChangeCost + Cost(cost_of(type, bits).generation);
}

Cost cost_of_import(const psa::KeyType& type, std::size_t data_size) noexcept {
  constexpr Cost kPrimalityChecks{20'000};
  Cost check = type.is_rsa() && !type.is_public_key() ? kPrimalityChecks : Cost(200);
  return kStoreChangeCost + check + cost_of_bytes(data_size);
}

Cost cost_of_private_operation(const psa::KeyAttributes& key, std::size_t input_size) noexcept {
  return Cost(cost_of(key.type, key.bits).private_operation) + cost_of_bytes(input_size);
}

Cost cost_of_public_operation(const psa::KeyAttributes& key, std::size_t input_size) noexcept {
  return Cost(cost_of(key.type, key.bits).public_operation) + cost_of_bytes(input_size);
}

// SHA-256 with its processor instructions and AES-GCM both take about a microsecond for a kilobyte;
// the slow hashes three.
Cost cost_of_bytes(std::size_t size) noexcept {
  return kTrivialCost + Cost(size / 512);
}

}  // namespace strongroom
