#include "providers/software/algorithms.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

// Required ones stop the start when they are missing; Legacy ones are not even asked for without
// OpenSSL's legacy provider, which somebody else in the process may have loaded.
enum class Rank { Required, Optional, Legacy };

struct DigestRow {
  psa::Hash hash;
  const char* name;
  Rank rank;
};
constexpr std::array kDigests = {
    DigestRow{psa::Hash::Md2, "MD2", Rank::Legacy},
    DigestRow{psa::Hash::Md4, "MD4", Rank::Legacy},
    DigestRow{psa::Hash::Md5, "MD5", Rank::Optional},
    DigestRow{psa::Hash::Ripemd160, "RIPEMD-160", Rank::Optional},
    DigestRow{psa::Hash::Sha1, "SHA1", Rank::Optional},
    DigestRow{psa::Hash::Sha224, "SHA2-224", Rank::Required},
    DigestRow{psa::Hash::Sha256, "SHA2-256", Rank::Required},
    DigestRow{psa::Hash::Sha384, "SHA2-384", Rank::Required},
    DigestRow{psa::Hash::Sha512, "SHA2-512", Rank::Required},
    DigestRow{psa::Hash::Sha512_224, "SHA2-512/224", Rank::Required},
    DigestRow{psa::Hash::Sha512_256, "SHA2-512/256", Rank::Required},
    DigestRow{psa::Hash::Sha3_224, "SHA3-224", Rank::Optional},
    DigestRow{psa::Hash::Sha3_256, "SHA3-256", Rank::Optional},
    DigestRow{psa::Hash::Sha3_384, "SHA3-384", Rank::Optional},
    DigestRow{psa::Hash::Sha3_512, "SHA3-512", Rank::Optional},
};

// Block ciphers, each in all of kModes.
struct CipherRow {
  Kind kind;
  std::uint32_t bits;
  const char* name;
  Rank rank;
};
constexpr std::array kBlockCiphers = {
    CipherRow{Kind::Aes, 128, "AES-128", Rank::Optional},
    CipherRow{Kind::Aes, 192, "AES-192", Rank::Optional},
    CipherRow{Kind::Aes, 256, "AES-256", Rank::Optional},
    CipherRow{Kind::Camellia, 128, "CAMELLIA-128", Rank::Optional},
    CipherRow{Kind::Camellia, 192, "CAMELLIA-192", Rank::Optional},
    CipherRow{Kind::Camellia, 256, "CAMELLIA-256", Rank::Optional},
    CipherRow{Kind::Des, 64, "DES", Rank::Legacy},
    CipherRow{Kind::Des, 128, "DES-EDE", Rank::Optional},
    CipherRow{Kind::Des, 192, "DES-EDE3", Rank::Optional},
};
struct ModeRow {
  Mode mode;
  const char* suffix;
};
constexpr std::array kModes = {
    ModeRow{Mode::Ctr, "-CTR"}, ModeRow{Mode::Cfb, "-CFB"}, ModeRow{Mode::Ofb, "-OFB"},
    ModeRow{Mode::Ecb, "-ECB"}, ModeRow{Mode::Cbc, "-CBC"}, ModeRow{Mode::Ccm, "-CCM"},
    ModeRow{Mode::Gcm, "-GCM"},
};

// What has a name of its own.
struct NamedRow {
  Kind kind;
  std::uint32_t bits;  // of the key; 0 for one row for all sizes
  Mode mode;
  const char* name;
  Rank rank;
};
constexpr std::array kNamedCiphers = {
    NamedRow{Kind::Aes, 256, Mode::Xts, "AES-128-XTS", Rank::Optional},
    NamedRow{Kind::Aes, 512, Mode::Xts, "AES-256-XTS", Rank::Optional},
    NamedRow{Kind::Aes, 128, Mode::KeyWrap, "AES-128-WRAP-PAD", Rank::Optional},
    NamedRow{Kind::Aes, 192, Mode::KeyWrap, "AES-192-WRAP-PAD", Rank::Optional},
    NamedRow{Kind::Aes, 256, Mode::KeyWrap, "AES-256-WRAP-PAD", Rank::Optional},
    NamedRow{Kind::Chacha20, 256, Mode::Stream, "ChaCha20", Rank::Optional},
    NamedRow{Kind::Chacha20, 256, Mode::Poly1305, "ChaCha20-Poly1305", Rank::Optional},
    NamedRow{Kind::Arc4, 0, Mode::Stream, "RC4", Rank::Legacy},
};

constexpr std::array kDhGroups = {
    std::pair{2048U, "ffdhe2048"}, std::pair{3072U, "ffdhe3072"}, std::pair{4096U, "ffdhe4096"},
    std::pair{6144U, "ffdhe6144"}, std::pair{8192U, "ffdhe8192"},
};

bool is_required(const Curve& curve) {
  return curve.family == psa::EccFamily::SecpR1 && curve.bits >= 256;
}

// Null when the map has no such row.
template <typename Map>
auto look_up(const Map& map, const typename Map::key_type& key) noexcept {
  auto found = map.find(key);
  return found == map.end() ? nullptr : found->second.get();
}

// Reads one number of a group.
Owned<BIGNUM> number_in(const EVP_PKEY* group, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(group, name, &number);
  return Owned<BIGNUM>(number);
}

DhGroup dh_group_of(std::uint32_t bits, const char* name) {
  std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(name), 0),
      OSSL_PARAM_construct_end()};
  auto group = key_from_parameters("DH", EVP_PKEY_KEY_PARAMETERS, parameters.data());
  if (!group) return {.bits = bits, .openssl_name = name, .p = {}, .q = {}, .g = {}};
  return {.bits = bits,
          .openssl_name = name,
          .p = number_in(group->get(), OSSL_PKEY_PARAM_FFC_P),
          .q = number_in(group->get(), OSSL_PKEY_PARAM_FFC_Q),
          .g = number_in(group->get(), OSSL_PKEY_PARAM_FFC_G)};
}

}  // namespace

Result<Algorithms> Algorithms::load(Legacy legacy) {
  Algorithms loaded;
  // The default provider is to stay in use as if nothing had been asked for.
  constexpr int kKeepDefault = 1;
  if (legacy == Legacy::Wanted)
    loaded.legacy_.reset(OSSL_PROVIDER_try_load(nullptr, "legacy", kKeepDefault));
  TRY(loaded.load_digests());
  TRY(loaded.load_ciphers());
  loaded.load_macs();
  TRY(loaded.load_curves());
  loaded.load_dh_groups();
  ERR_clear_error();  // of what is not there
  return loaded;
}

Result<> Algorithms::load_digests() {
  for (const auto& [hash, name, rank] : kDigests) {
    if (rank == Rank::Legacy && !legacy_) continue;
    Owned<EVP_MD> digest(EVP_MD_fetch(nullptr, name, nullptr));
    if (digest)
      digests_.emplace(hash, std::move(digest));
    else if (rank == Rank::Required)
      return std::unexpected(openssl_error("EVP_MD_fetch"));
  }
  return {};
}

Result<> Algorithms::load_ciphers() {
  auto load = [&](const CipherKey& key, Rank rank, const std::string& name) {
    if (rank == Rank::Legacy && !legacy_) return;
    Owned<EVP_CIPHER> cipher(EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr));
    if (cipher) ciphers_.emplace(key, std::move(cipher));
  };
  for (const auto& [kind, bits, name, rank] : kBlockCiphers)
    for (const auto& [mode, suffix] : kModes)
      load({kind, bits, mode}, rank, std::string(name) + suffix);
  for (const auto& [kind, bits, mode, name, rank] : kNamedCiphers)
    load({kind, bits, mode}, rank, name);
  for (std::uint32_t bits : {128U, 192U, 256U})
    for (Mode mode : {Mode::Gcm, Mode::Cbc})
      if (cipher(Kind::Aes, bits, mode) == nullptr)
        return std::unexpected(openssl_error("EVP_CIPHER_fetch"));
  return {};
}

void Algorithms::load_macs() {
  hmac_.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  cmac_.reset(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
}

Result<> Algorithms::load_curves() {
  for (const Curve& curve : known_curves()) {
    Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(curve.nid));
    if (group)
      curves_.emplace(&curve, std::move(group));
    else if (is_required(curve))
      return std::unexpected(openssl_error("EC_GROUP_new_by_curve_name"));
  }
  for (const MontgomeryCurve& curve : known_montgomery_curves()) {
    Owned<EVP_KEYEXCH> exchange(EVP_KEYEXCH_fetch(nullptr, curve.openssl_name, nullptr));
    if (exchange) montgomery_curves_.emplace(curve.bits, std::move(exchange));
  }
  for (const EdwardsCurve& curve : known_edwards_curves()) {
    Owned<EVP_SIGNATURE> signature(EVP_SIGNATURE_fetch(nullptr, curve.openssl_name, nullptr));
    if (signature) edwards_curves_.emplace(curve.bits, std::move(signature));
  }
  return {};
}

void Algorithms::load_dh_groups() {
  for (const auto& [bits, name] : kDhGroups) {
    DhGroup group = dh_group_of(bits, name);
    if (group.p && group.q && group.g) dh_groups_.emplace(bits, std::move(group));
  }
}

const EVP_MD* Algorithms::digest(psa::Hash hash) const noexcept {
  return look_up(digests_, hash);
}

const EVP_CIPHER* Algorithms::cipher(Kind kind, std::uint32_t bits, Mode mode) const noexcept {
  return look_up(ciphers_, {kind, kind == Kind::Arc4 ? 0 : bits, mode});
}

const EC_GROUP* Algorithms::group(const Curve& curve) const noexcept {
  return look_up(curves_, &curve);
}

const DhGroup* Algorithms::dh_group(std::uint32_t bits) const noexcept {
  auto found = dh_groups_.find(bits);
  return found == dh_groups_.end() ? nullptr : &found->second;
}

bool Algorithms::has_cipher(Kind kind, std::uint32_t bits) const noexcept {
  return std::ranges::any_of(ciphers_, [&](const auto& row) {
    const auto& [row_kind, row_bits, mode] = row.first;
    return row_kind == kind && (bits == 0 || row_bits == bits);
  });
}

bool Algorithms::has_cipher(Kind kind, std::uint32_t bits, Mode mode) const noexcept {
  return std::ranges::any_of(ciphers_, [&](const auto& row) {
    const auto& [row_kind, row_bits, row_mode] = row.first;
    return row_kind == kind && row_mode == mode && (bits == 0 || row_bits == 0 || row_bits == bits);
  });
}

bool Algorithms::has_curve(psa::EccFamily family, std::uint32_t bits) const noexcept {
  if (family == psa::EccFamily::Montgomery)
    return bits == 0 ? !montgomery_curves_.empty() : montgomery_curves_.contains(bits);
  if (family == psa::EccFamily::TwistedEdwards)
    return bits == 0 ? !edwards_curves_.empty() : edwards_curves_.contains(bits);
  return std::ranges::any_of(curves_, [&](const auto& row) {
    return row.first->family == family && (bits == 0 || row.first->bits == bits);
  });
}

bool Algorithms::has_dh_group(std::uint32_t bits) const noexcept {
  return bits == 0 ? !dh_groups_.empty() : dh_groups_.contains(bits);
}

}  // namespace strongroom::software
