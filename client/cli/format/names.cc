#include "client/cli/format/names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "client/cli/format/words.h"

namespace strongroom::cli {
namespace {

using psa::KeyType;
using Signature = psa::AsymmetricSignature;

constexpr std::array kProviders = {
    std::pair{std::string_view("core"), ProviderId::Core},
    std::pair{std::string_view("software"), ProviderId::Software},
    std::pair{std::string_view("pkcs11"), ProviderId::Pkcs11},
    std::pair{std::string_view("tpm"), ProviderId::Tpm},
    std::pair{std::string_view("trusted-service"), ProviderId::TrustedService},
    std::pair{std::string_view("cryptoauthlib"), ProviderId::CryptoAuthLib},
};

using NamedAlgorithm = std::pair<std::string, psa::Algorithm>;

constexpr std::array kHashedSignatures = {
    Signature::Kind::Ecdsa,
    Signature::Kind::DeterministicEcdsa,
    Signature::Kind::RsaPss,
    Signature::Kind::RsaPkcs1v15,
};

void add_with_hash(std::vector<psa::Algorithm>& all, psa::Hash hash) {
  for (Signature::Kind kind : kHashedSignatures)
    all.emplace_back(Signature{kind, hash});
  all.emplace_back(psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, hash});
  all.emplace_back(psa::Mac{psa::Mac::Kind::Hmac, hash, std::nullopt});
  all.emplace_back(psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, hash});
  for (auto kind : {psa::KeyDerivation::Kind::Hkdf, psa::KeyDerivation::Kind::Tls12Prf,
                    psa::KeyDerivation::Kind::Tls12PskToMs}) {
    const psa::KeyDerivation derivation{kind, hash};
    all.emplace_back(derivation);
    all.emplace_back(psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, derivation});
  }
}

// Those that are called here what they are called everywhere.
std::vector<psa::Algorithm> plainly_named() {
  std::vector<psa::Algorithm> all = {
      psa::NoAlgorithm(),
      Signature{Signature::Kind::EcdsaAny, std::nullopt},
      Signature{Signature::Kind::RsaPkcs1v15Raw, std::nullopt},
      Signature{Signature::Kind::PureEddsa, std::nullopt},
      psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, std::nullopt},
      psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, std::nullopt},
      psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt},
      psa::KeyAgreement{psa::RawKeyAgreement::Ffdh, std::nullopt},
  };
  for (Signature::Kind kind : kHashedSignatures)
    all.emplace_back(Signature{kind, std::nullopt});
  for (int i = 1; i <= static_cast<int>(psa::Hash::Sha3_512); ++i)
    add_with_hash(all, static_cast<psa::Hash>(i));
  return all;
}

const std::vector<NamedAlgorithm>& algorithms() {
  static const std::vector<NamedAlgorithm> rows = [] {
    std::vector<NamedAlgorithm> all = {
        {"aes-gcm", psa::Aead{psa::Aead::Kind::Gcm, std::nullopt}},
        {"aes-ccm", psa::Aead{psa::Aead::Kind::Ccm, std::nullopt}},
        {"chacha20-poly1305", psa::Aead{psa::Aead::Kind::Chacha20Poly1305, std::nullopt}},
        {"aes-ctr", psa::Cipher::Ctr},
        {"aes-cbc", psa::Cipher::CbcNoPadding},
        {"aes-cbc-pkcs7", psa::Cipher::CbcPkcs7},
        {"aes-cfb", psa::Cipher::Cfb},
        {"aes-ofb", psa::Cipher::Ofb},
        {"aes-xts", psa::Cipher::Xts},
        {"aes-ecb", psa::Cipher::EcbNoPadding},
        {"stream-cipher", psa::Cipher::StreamCipher},
        {"aes-cmac", psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, std::nullopt}},
        {"aes-cbc-mac", psa::Mac{psa::Mac::Kind::CbcMac, std::nullopt, std::nullopt}},
    };
    for (const psa::Algorithm& algorithm : plainly_named())
      all.emplace_back(psa::to_string(algorithm), algorithm);
    return all;
  }();
  return rows;
}

// What an algorithm's name ends in when it gives out less than the whole.
struct Suffix {
  std::string_view text;
  std::optional<std::uint32_t>* (*size_in)(psa::Algorithm& algorithm);
};
constexpr std::array kSuffixes = {
    Suffix{"-tag-",
           [](psa::Algorithm& algorithm) {
             auto* aead = std::get_if<psa::Aead>(&algorithm);
             return aead == nullptr ? nullptr : &aead->shortened_tag_size;
           }},
    Suffix{"-truncated-",
           [](psa::Algorithm& algorithm) {
             auto* mac = std::get_if<psa::Mac>(&algorithm);
             return mac == nullptr ? nullptr : &mac->truncated_size;
           }},
};

std::optional<psa::Algorithm> algorithm_named(std::string_view name) {
  for (const auto& [known, algorithm] : algorithms())
    if (known == name) return algorithm;
  return std::nullopt;
}

// "aes-gcm-tag-12".
std::optional<psa::Algorithm> shortened_by(const Suffix& suffix, std::string_view name) {
  const std::size_t at = name.rfind(suffix.text);
  if (at == std::string_view::npos) return std::nullopt;
  std::optional<psa::Algorithm> algorithm = algorithm_named(name.substr(0, at));
  const auto bytes = whole_number<std::uint32_t>(name.substr(at + suffix.text.size()));
  if (!algorithm || !bytes || *bytes == 0) return std::nullopt;
  std::optional<std::uint32_t>* size = suffix.size_in(*algorithm);
  if (size == nullptr) return std::nullopt;
  *size = *bytes;
  return algorithm;
}

psa::Algorithm default_on_curve(const TypeAndSize& type) {
  if (type.type.curve_family == psa::EccFamily::TwistedEdwards)
    return Signature{Signature::Kind::PureEddsa, std::nullopt};
  if (type.type.curve_family == psa::EccFamily::Montgomery)
    return psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt};
  return Signature{Signature::Kind::Ecdsa, usual_hash(type.bits)};
}

struct NamedUsage {
  std::string_view name;
  std::vector<bool psa::UsageFlags::*> flags;
};
// A row's flags that earlier rows have covered are not named again.
const std::vector<NamedUsage>& usages() {
  using Flags = psa::UsageFlags;
  static const std::vector<NamedUsage> rows = {
      {"sign", {&Flags::sign_hash, &Flags::sign_message}},
      {"verify", {&Flags::verify_hash, &Flags::verify_message}},
      {"sign-message", {&Flags::sign_message}},
      {"verify-message", {&Flags::verify_message}},
      {"encrypt", {&Flags::encrypt}},
      {"decrypt", {&Flags::decrypt}},
      {"derive", {&Flags::derive}},
      {"wrap", {&Flags::wrap}},
      {"unwrap", {&Flags::unwrap}},
      {"export", {&Flags::may_export}},
      {"copy", {&Flags::copy}},
      {"cache", {&Flags::cache}},
  };
  return rows;
}

struct DefaultUsage {
  psa::UsageFlags operator()(const psa::AsymmetricSignature& signature) const {
    if (signature.kind == Signature::Kind::PureEddsa)
      return {.sign_message = true, .verify_message = true};
    return {.sign_message = true, .verify_message = true, .sign_hash = true, .verify_hash = true};
  }
  psa::UsageFlags operator()(const psa::Mac&) const {
    return {.sign_message = true, .verify_message = true};
  }
  psa::UsageFlags operator()(const psa::KeyAgreement&) const { return {.derive = true}; }
  psa::UsageFlags operator()(const psa::KeyDerivation&) const { return {.derive = true}; }
  psa::UsageFlags operator()(const psa::KeyWrap&) const { return {.wrap = true, .unwrap = true}; }
  psa::UsageFlags operator()(const psa::NoAlgorithm&) const { return {}; }
  psa::UsageFlags operator()(const psa::Hash&) const { return {}; }
  psa::UsageFlags operator()(const auto&) const { return {.encrypt = true, .decrypt = true}; }
};

}  // namespace

std::string provider_name(ProviderId id) {
  const auto* row = std::ranges::find(kProviders, id, [](const auto& pair) { return pair.second; });
  if (row != kProviders.end()) return std::string(row->first);
  return fmt::format("{}", std::to_underlying(id));
}

Outcome<ProviderId> provider_from(std::string_view name_or_id) {
  for (const auto& [name, id] : kProviders)
    if (name == name_or_id && id != ProviderId::Core) return id;
  std::optional<std::uint8_t> number = whole_number<std::uint8_t>(name_or_id);
  if (number && *number != 0) return static_cast<ProviderId>(*number);
  return unknown_word("provider for keys", name_or_id, "'strongroom providers' lists them");
}

Outcome<psa::Hash> hash_from(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(psa::Hash::Sha3_512); ++i)
    if (psa::to_string(static_cast<psa::Hash>(i)) == name) return static_cast<psa::Hash>(i);
  return unknown_word("hash", name, "sha256, sha384, sha512, sha3-256 are some");
}

Outcome<psa::Algorithm> algorithm_from(std::string_view name) {
  if (std::optional<psa::Algorithm> named = algorithm_named(name)) return *named;
  for (const Suffix& suffix : kSuffixes)
    if (std::optional<psa::Algorithm> shortened = shortened_by(suffix, name)) return *shortened;
  return unknown_word("algorithm", name,
                      "ecdsa-sha256, deterministic-ecdsa-sha256, eddsa, rsa-pss-sha256, "
                      "rsa-pkcs1v15-sha256, rsa-oaep-sha256, aes-gcm, aes-gcm-tag-12, aes-kwp, "
                      "hmac-sha256, hmac-sha256-truncated-16, ecdh, hkdf-sha256, none are some");
}

std::string algorithm_name(const psa::Algorithm& algorithm) {
  for (const auto& [name, known] : algorithms())
    if (known == algorithm) return name;
  psa::Algorithm whole = algorithm;
  for (const Suffix& suffix : kSuffixes)
    if (std::optional<std::uint32_t>* size = suffix.size_in(whole); size != nullptr && *size) {
      const std::uint32_t bytes = *std::exchange(*size, std::nullopt);
      return fmt::format("{}{}{}", algorithm_name(whole), suffix.text, bytes);
    }
  return psa::to_string(algorithm);
}

psa::Algorithm default_algorithm(const TypeAndSize& type) {
  switch (type.type.kind) {
    case KeyType::Kind::Aes: return psa::Aead{psa::Aead::Kind::Gcm, std::nullopt};
    case KeyType::Kind::Chacha20: return psa::Aead{psa::Aead::Kind::Chacha20Poly1305, std::nullopt};
    case KeyType::Kind::Camellia:
    case KeyType::Kind::Des: return psa::Cipher::CbcPkcs7;
    case KeyType::Kind::Arc4: return psa::Cipher::StreamCipher;
    case KeyType::Kind::Hmac:
      return psa::Mac{psa::Mac::Kind::Hmac, psa::Hash::Sha256, std::nullopt};
    case KeyType::Kind::Derive:
      return psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};
    case KeyType::Kind::RawData: return psa::NoAlgorithm();
    case KeyType::Kind::DhKeyPair:
    case KeyType::Kind::DhPublicKey:
      return psa::KeyAgreement{psa::RawKeyAgreement::Ffdh, std::nullopt};
    case KeyType::Kind::RsaKeyPair:
    case KeyType::Kind::RsaPublicKey: return Signature{Signature::Kind::RsaPss, psa::Hash::Sha256};
    case KeyType::Kind::EccKeyPair:
    case KeyType::Kind::EccPublicKey: return default_on_curve(type);
  }
  return psa::NoAlgorithm();
}

psa::Hash usual_hash(std::uint32_t bits) noexcept {
  if (bits == 384) return psa::Hash::Sha384;
  if (bits == 521 || bits == 512) return psa::Hash::Sha512;
  return psa::Hash::Sha256;
}

Outcome<psa::UsageFlags> usage_from(std::string_view list) {
  psa::UsageFlags usage;
  while (!list.empty()) {
    std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    auto row = std::ranges::find(usages(), name, &NamedUsage::name);
    if (row == usages().end())
      return unknown_word("usage", name,
                          "sign, verify, encrypt, decrypt, derive, wrap, unwrap, export");
    for (auto flag : row->flags)
      usage.*flag = true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return usage;
}

std::vector<std::string> usage_names(const psa::UsageFlags& usage) {
  std::vector<std::string> names;
  psa::UsageFlags left = usage;
  for (const NamedUsage& row : usages()) {
    auto is_left = [&](auto flag) { return left.*flag; };
    if (!std::ranges::all_of(row.flags, is_left)) continue;
    names.emplace_back(row.name);
    for (auto flag : row.flags)
      left.*flag = false;
  }
  return names;
}

psa::UsageFlags default_usage(const psa::Algorithm& algorithm) {
  return std::visit(DefaultUsage(), algorithm);
}

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const auto& [name, id] : kProviders)
    if (id != ProviderId::Core) names.emplace_back(name);
  return names;
}

std::vector<std::string> hash_names() {
  std::vector<std::string> names;
  for (int i = 1; i <= static_cast<int>(psa::Hash::Sha3_512); ++i)
    names.push_back(psa::to_string(static_cast<psa::Hash>(i)));
  return names;
}

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  names.reserve(algorithms().size());
  for (const auto& [name, algorithm] : algorithms())
    names.push_back(name);
  return names;
}

std::vector<std::string> all_usage_names() {
  std::vector<std::string> names;
  names.reserve(usages().size());
  for (const NamedUsage& row : usages())
    names.emplace_back(row.name);
  return names;
}

}  // namespace strongroom::cli
