#include "providers/software/algorithms.h"

#include <algorithm>
#include <array>

#include <openssl/objects.h>

#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::array kDigests = {
    std::pair{psa::Hash::Sha224, "SHA2-224"},
    std::pair{psa::Hash::Sha256, "SHA2-256"},
    std::pair{psa::Hash::Sha384, "SHA2-384"},
    std::pair{psa::Hash::Sha512, "SHA2-512"},
    std::pair{psa::Hash::Sha512_224, "SHA2-512/224"},
    std::pair{psa::Hash::Sha512_256, "SHA2-512/256"},
};

constexpr std::array kGcm = {
    std::pair{128U, "AES-128-GCM"},
    std::pair{192U, "AES-192-GCM"},
    std::pair{256U, "AES-256-GCM"},
};

// Sorted by family, then size.
constexpr std::array kCurves = {
    Curve{psa::EccFamily::SecpR1, 256, "P-256", 32, 32},
    Curve{psa::EccFamily::SecpR1, 384, "P-384", 48, 48},
    Curve{psa::EccFamily::SecpR1, 521, "P-521", 66, 66},
};

struct Sizes {
  Kind kind;
  std::optional<psa::EccFamily> family;
  std::array<std::uint32_t, 3> bits;
};
constexpr std::array<std::uint32_t, 3> kRsaBits = {2048, 3072, 4096};
constexpr std::array<std::uint32_t, 3> kSecpR1Bits = {256, 384, 521};
constexpr std::array kSizes = {
    Sizes{Kind::Aes, std::nullopt, {128, 192, 256}},
    Sizes{Kind::RsaKeyPair, std::nullopt, kRsaBits},
    Sizes{Kind::RsaPublicKey, std::nullopt, kRsaBits},
    Sizes{Kind::EccKeyPair, psa::EccFamily::SecpR1, kSecpR1Bits},
    Sizes{Kind::EccPublicKey, psa::EccFamily::SecpR1, kSecpR1Bits},
};

// Null when the map has no such row.
template <typename Map>
auto look_up(const Map& map, const typename Map::key_type& key) noexcept {
  auto found = map.find(key);
  return found == map.end() ? nullptr : found->second.get();
}

}  // namespace

const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept {
  const auto* row = std::ranges::find_if(kCurves, [&](const Curve& curve) {
    return type.is_ecc() && type.curve_family == curve.family && bits == curve.bits;
  });
  return row == kCurves.end() ? nullptr : row;
}

std::span<const std::uint32_t> sizes_of(const psa::KeyType& type) noexcept {
  const auto* row = std::ranges::find_if(kSizes, [&](const Sizes& sizes) {
    return sizes.kind == type.kind && sizes.family == type.curve_family;
  });
  if (row == kSizes.end()) return {};
  return row->bits;
}

bool is_offered(const psa::KeyType& type, std::uint32_t bits) noexcept {
  auto sizes = sizes_of(type);
  return std::ranges::find(sizes, bits) != sizes.end();
}

Result<> check_key_type(const psa::KeyType& type, std::uint32_t bits) {
  bool is_any = bits == 0 && !sizes_of(type).empty();
  if (is_any || is_offered(type, bits)) return {};
  return key_not_offered(type, bits);
}

std::unexpected<Error> key_not_offered(const psa::KeyType& type, std::uint32_t bits) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("key type '{}' is not offered", to_string(type, bits)));
}

bool is_gcm_tag_size(std::uint32_t bytes) noexcept {
  return bytes == 4 || bytes == 8 || (bytes >= 12 && bytes <= 16);
}

Result<Algorithms> Algorithms::load() {
  Algorithms loaded;
  TRY(loaded.load_digests());
  TRY(loaded.load_ciphers());
  TRY(loaded.load_groups());
  return loaded;
}

Result<> Algorithms::load_digests() {
  for (const auto& [hash, name] : kDigests) {
    Owned<EVP_MD> digest(EVP_MD_fetch(nullptr, name, nullptr));
    if (!digest) return std::unexpected(openssl_error("EVP_MD_fetch"));
    digests_.emplace(hash, std::move(digest));
  }
  return {};
}

Result<> Algorithms::load_ciphers() {
  for (const auto& [bits, name] : kGcm) {
    Owned<EVP_CIPHER> cipher(EVP_CIPHER_fetch(nullptr, name, nullptr));
    if (!cipher) return std::unexpected(openssl_error("EVP_CIPHER_fetch"));
    gcm_.emplace(bits, std::move(cipher));
  }
  return {};
}

Result<> Algorithms::load_groups() {
  for (const Curve& curve : kCurves) {
    Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(EC_curve_nist2nid(curve.openssl_name)));
    if (!group) return std::unexpected(openssl_error("EC_GROUP_new_by_curve_name"));
    groups_.emplace(&curve, std::move(group));
  }
  return {};
}

const EVP_MD* Algorithms::digest(psa::Hash hash) const noexcept {
  return look_up(digests_, hash);
}

const EVP_CIPHER* Algorithms::gcm(std::uint32_t aes_bits) const noexcept {
  return look_up(gcm_, aes_bits);
}

const EC_GROUP* Algorithms::group(const Curve& curve) const noexcept {
  return look_up(groups_, &curve);
}

}  // namespace strongroom::software
