#include "service/dispatch/cost.h"

#include <algorithm>
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
    SizeCost{1024, 20'000, 120, 10},        SizeCost{2048, 100'000, 450, 25},
    SizeCost{3072, 400'000, 1'300, 45},     SizeCost{4096, 1'000'000, 3'000, 75},
    SizeCost{~0U, 10'000'000, 30'000, 300},
};
// P-224, P-256 and P-521 have arithmetic of their own, the other curves the generic kind.
constexpr std::array kFastCurveCosts = {
    SizeCost{256, 40, 40, 80},
    SizeCost{~0U, 250, 250, 450},
};
constexpr std::array kPrimeCurveCosts = {
    SizeCost{256, 300, 300, 300},
    SizeCost{384, 650, 650, 600},
    SizeCost{~0U, 1'000, 1'000, 900},
};
constexpr std::array kBinaryCurveCosts = {
    SizeCost{239, 200, 200, 400},
    SizeCost{283, 350, 350, 700},
    SizeCost{409, 600, 600, 1'200},
    SizeCost{~0U, 1'500, 1'500, 2'900},
};
constexpr std::array kMontgomeryCosts = {
    SizeCost{255, 40, 40, 40},
    SizeCost{~0U, 150, 150, 150},
};
constexpr std::array kEdwardsCosts = {
    SizeCost{256, 70, 70, 100},
    SizeCost{~0U, 160, 160, 160},
};
// Agreement with validation of the peer's key.
constexpr std::array kDhCosts = {
    SizeCost{2048, 300, 2'000, 2'000},      SizeCost{3072, 700, 6'500, 6'500},
    SizeCost{4096, 1'500, 15'000, 15'000},  SizeCost{6144, 3'300, 48'000, 48'000},
    SizeCost{~0U, 6'700, 113'000, 113'000},
};
constexpr SizeCost kSymmetricCost{0, 2, 2, 2};

// The checks of an RSA private key, by the bytes of its encoding.
struct CheckCost {
  std::size_t size;  // up to and including
  int cost;
};
constexpr std::array kRsaChecks = {
    CheckCost{650, 5'000},
    CheckCost{1250, 33'000},
    CheckCost{1850, 100'000},
    CheckCost{~std::size_t{0}, 240'000},
};

template <std::size_t Size>
const SizeCost& row_for(const std::array<SizeCost, Size>& rows, std::uint32_t bits) {
  for (const SizeCost& row : rows)
    if (bits <= row.bits) return row;
  return rows.back();
}

const SizeCost& curve_cost(psa::EccFamily family, std::uint32_t bits) {
  switch (family) {
    case psa::EccFamily::SecpR1:
      return bits == 224 || bits == 256 || bits == 521 ? row_for(kFastCurveCosts, bits)
                                                       : row_for(kPrimeCurveCosts, bits);
    case psa::EccFamily::Montgomery: return row_for(kMontgomeryCosts, bits);
    case psa::EccFamily::TwistedEdwards: return row_for(kEdwardsCosts, bits);
    case psa::EccFamily::SectK1:
    case psa::EccFamily::SectR1:
    case psa::EccFamily::SectR2: return row_for(kBinaryCurveCosts, bits);
    default: return row_for(kPrimeCurveCosts, bits);
  }
}

const SizeCost& cost_of(const psa::KeyType& type, std::uint32_t bits) {
  if (type.is_rsa()) return row_for(kRsaCosts, bits);
  if (type.curve_family) return curve_cost(*type.curve_family, bits);
  if (type.is_dh()) return row_for(kDhCosts, bits);
  return kSymmetricCost;
}

// Nanoseconds for a kilobyte.
int rate_of(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Sha1:
    case psa::Hash::Sha224:
    case psa::Hash::Sha256: return 600;
    case psa::Hash::Md4:
    case psa::Hash::Md5:
    case psa::Hash::Sha384:
    case psa::Hash::Sha512:
    case psa::Hash::Sha512_224:
    case psa::Hash::Sha512_256: return 1'400;
    case psa::Hash::Sha3_224:
    case psa::Hash::Sha3_256: return 2'000;
    case psa::Hash::Sha3_384: return 2'800;
    case psa::Hash::Ripemd160: return 3'500;
    default: return 4'000;
  }
}

int rate_of(psa::KeyType::Kind cipher) {
  switch (cipher) {
    case psa::KeyType::Kind::Chacha20: return 300;
    case psa::KeyType::Kind::Camellia: return 10'000;
    case psa::KeyType::Kind::Des: return 37'000;
    default: return 1'500;
  }
}

// Twelve AES blocks for sixteen bytes, one after the other.
constexpr int kKeyWrapRate = 120'000;

Cost at_rate(int rate, std::size_t size) {
  return cost_of_bytes(size) + Cost(size * static_cast<std::size_t>(rate) / 1'000 / 1'024);
}

}  // namespace

Cost estimated_cost(std::size_t body_size) noexcept {
  return kInlineCost + cost_of_bytes(body_size);
}

Cost cost_of_generation(const psa::KeyType& type, std::uint32_t bits) noexcept {
  return kStoreChangeCost + Cost(cost_of(type, bits).generation);
}

Cost cost_of_import(const psa::KeyType& type, std::size_t data_size) noexcept {
  const Cost rest = kStoreChangeCost + cost_of_bytes(data_size);
  if (!type.is_rsa() || type.is_public_key())
    return rest + Cost(cost_of(type, 8 * static_cast<std::uint32_t>(data_size)).public_operation);
  for (const CheckCost& row : kRsaChecks)
    if (data_size <= row.size) return rest + Cost(row.cost);
  return rest;
}

Cost cost_of_private_operation(const psa::KeyAttributes& key) noexcept {
  return Cost(cost_of(key.type, key.bits).private_operation);
}

Cost cost_of_public_operation(const psa::KeyAttributes& key) noexcept {
  return Cost(cost_of(key.type, key.bits).public_operation);
}

Cost cost_of_agreement(const psa::KeyAttributes& key) noexcept {
  return std::max(cost_of_private_operation(key), cost_of_public_operation(key));
}

Cost cost_of_bytes(std::size_t size) noexcept {
  return kTrivialCost + Cost(size / 2'048);
}

Cost cost_of_listing(std::size_t keys) noexcept {
  return kTrivialCost + Cost(keys);
}

Cost cost_of_hash(psa::Hash hash, std::size_t size) noexcept {
  return at_rate(rate_of(hash), size);
}

// EdDSA hashes what it signs twice, by SHA-512 or by SHAKE256, which is as fast as SHA3-256: RFC
// 8032 §5.1.6, §5.2.6.
Cost cost_of_message(const psa::AsymmetricSignature& algorithm, std::uint32_t bits,
                     std::size_t size) noexcept {
  constexpr std::uint32_t kEd25519 = 255;
  if (algorithm.hash) return cost_of_hash(*algorithm.hash, size);
  if (algorithm.kind != psa::AsymmetricSignature::Kind::PureEddsa) return cost_of_bytes(size);
  return 2 * cost_of_hash(bits <= kEd25519 ? psa::Hash::Sha512 : psa::Hash::Sha3_256, size);
}

// A block is two HMACs in TLS 1.2, and one in HKDF.
Cost cost_of_derivation(const psa::KeyDerivation& derivation, std::size_t input_size,
                        std::uint32_t bits) noexcept {
  constexpr Cost kHmac{3};
  constexpr std::uint32_t kMostBits = 65'528;  // of a key
  const std::size_t blocks = 1 + std::min(bits, kMostBits) / 8 / psa::digest_size(derivation.hash);
  return static_cast<int>(blocks) *
         (2 * kHmac + cost_of_hash(derivation.hash, input_size) + kTrivialCost);
}

Cost cost_of_cipher(const psa::KeyType& type, std::size_t size) noexcept {
  return at_rate(rate_of(type.kind), size);
}

Cost cost_of_key_wrap(std::size_t size) noexcept {
  return at_rate(kKeyWrapRate, size);
}

Cost cost_of_mac(const psa::Mac& mac, const psa::KeyType& type, std::size_t size) noexcept {
  return mac.hash ? cost_of_hash(*mac.hash, size) : cost_of_cipher(type, size);
}

}  // namespace strongroom
