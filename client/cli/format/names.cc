#include "client/cli/format/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"

namespace strongroom::cli {
namespace {

using psa::EccFamily;
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

constexpr KeyType kEcc = {KeyType::Kind::EccKeyPair, EccFamily::SecpR1};
constexpr KeyType kEdwards = {KeyType::Kind::EccKeyPair, EccFamily::TwistedEdwards};
constexpr KeyType kRsa = {KeyType::Kind::RsaKeyPair, std::nullopt};
constexpr KeyType kAes = {KeyType::Kind::Aes, std::nullopt};
constexpr KeyType kHmac = {KeyType::Kind::Hmac, std::nullopt};
constexpr KeyType kDerive = {KeyType::Kind::Derive, std::nullopt};
constexpr std::array kTypes = {
    std::pair{std::string_view("ecc-p256"), TypeAndSize{kEcc, 256}},
    std::pair{std::string_view("ecc-p384"), TypeAndSize{kEcc, 384}},
    std::pair{std::string_view("ecc-p521"), TypeAndSize{kEcc, 521}},
    std::pair{std::string_view("ed25519"), TypeAndSize{kEdwards, 255}},
    std::pair{std::string_view("ed448"), TypeAndSize{kEdwards, 448}},
    std::pair{std::string_view("rsa-2048"), TypeAndSize{kRsa, 2048}},
    std::pair{std::string_view("rsa-3072"), TypeAndSize{kRsa, 3072}},
    std::pair{std::string_view("rsa-4096"), TypeAndSize{kRsa, 4096}},
    std::pair{std::string_view("aes-128"), TypeAndSize{kAes, 128}},
    std::pair{std::string_view("aes-192"), TypeAndSize{kAes, 192}},
    std::pair{std::string_view("aes-256"), TypeAndSize{kAes, 256}},
    std::pair{std::string_view("hmac-256"), TypeAndSize{kHmac, 256}},
    std::pair{std::string_view("derive-256"), TypeAndSize{kDerive, 256}},
};
// What comes in any number of whole bytes: "hmac-512".
constexpr std::array kSizedTypes = {
    std::pair{std::string_view("hmac-"), kHmac},
    std::pair{std::string_view("derive-"), kDerive},
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
        {"aes-ctr", psa::Cipher::Ctr},
        {"aes-cbc", psa::Cipher::CbcNoPadding},
        {"aes-cbc-pkcs7", psa::Cipher::CbcPkcs7},
        {"aes-cmac", psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, std::nullopt}},
    };
    for (const psa::Algorithm& algorithm : plainly_named())
      all.emplace_back(psa::to_string(algorithm), algorithm);
    return all;
  }();
  return rows;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const char* begin = std::to_address(text.begin());
  const char* end = std::to_address(text.end());
  auto [stop, code] = std::from_chars(begin, end, number);
  if (code != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::unexpected<Failure> unknown(std::string_view what, std::string_view name,
                                 std::string_view advice) {
  return failed(ExitCode::Usage,
                fmt::format("reading the command line: '{}' is no {}", escaped(name), what),
                std::string(advice));
}

template <typename Table>
std::string names_in(const Table& table) {
  std::string names;
  for (const auto& row : table)
    names += (names.empty() ? "it is one of " : ", ") + std::string(row.first);
  return names;
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
  return unknown("provider for keys", name_or_id, "'strongroom providers' lists them");
}

Outcome<TypeAndSize> type_from(std::string_view name) {
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  for (const auto& [prefix, type] : kSizedTypes) {
    if (!name.starts_with(prefix)) continue;
    std::optional<std::uint32_t> bits = whole_number<std::uint32_t>(name.substr(prefix.size()));
    if (bits && *bits != 0 && *bits % 8 == 0) return TypeAndSize{type, *bits};
  }
  return unknown("key type", name, names_in(kTypes));
}

std::string type_name(const psa::KeyType& type, std::uint32_t bits) {
  for (const auto& [name, known] : kTypes)
    if (known.type == type && known.bits == bits) return std::string(name);
  return psa::to_string(type, bits);
}

Outcome<psa::Hash> hash_from(std::string_view name) {
  for (int i = 1; i <= static_cast<int>(psa::Hash::Sha3_512); ++i)
    if (psa::to_string(static_cast<psa::Hash>(i)) == name) return static_cast<psa::Hash>(i);
  return unknown("hash", name, "sha256, sha384, sha512, sha3-256 are some");
}

Outcome<psa::Algorithm> algorithm_from(std::string_view name) {
  for (const auto& [known, algorithm] : algorithms())
    if (known == name) return algorithm;
  return unknown("algorithm", name,
                 "ecdsa-sha256, deterministic-ecdsa-sha256, eddsa, rsa-pss-sha256, "
                 "rsa-pkcs1v15-sha256, rsa-oaep-sha256, aes-gcm, aes-kwp, hmac-sha256, ecdh, "
                 "hkdf-sha256, none are some");
}

std::string algorithm_name(const psa::Algorithm& algorithm) {
  for (const auto& [name, known] : algorithms())
    if (known == algorithm) return name;
  return psa::to_string(algorithm);
}

psa::Algorithm default_algorithm(const TypeAndSize& type) {
  if (type.type.kind == KeyType::Kind::Aes) return psa::Aead{psa::Aead::Kind::Gcm, std::nullopt};
  if (type.type.kind == KeyType::Kind::Hmac)
    return psa::Mac{psa::Mac::Kind::Hmac, psa::Hash::Sha256, std::nullopt};
  if (type.type.kind == KeyType::Kind::Derive)
    return psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};
  if (type.type.is_rsa()) return Signature{Signature::Kind::RsaPss, psa::Hash::Sha256};
  if (type.type.curve_family == EccFamily::TwistedEdwards)
    return Signature{Signature::Kind::PureEddsa, std::nullopt};
  return Signature{Signature::Kind::Ecdsa, usual_hash(type.bits)};
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
      return unknown("usage", name, "sign, verify, encrypt, decrypt, derive, wrap, unwrap, export");
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

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const auto& [name, type] : kTypes)
    names.emplace_back(name);
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
  for (const auto& [name, algorithm] : algorithms())
    names.push_back(name);
  return names;
}

std::vector<std::string> all_usage_names() {
  std::vector<std::string> names;
  for (const NamedUsage& row : usages())
    names.emplace_back(row.name);
  return names;
}

}  // namespace strongroom::cli
