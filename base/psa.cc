#include "base/psa.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace strongroom::psa {
namespace {

struct HashFacts {
  std::string_view name;
  std::size_t digest_size;
};
// Indexed by the number of the Hash; row 0 belongs to none.
constexpr std::array<HashFacts, 16> kHashes = {{
    {"", 0},
    {"md2", 16},
    {"md4", 16},
    {"md5", 16},
    {"ripemd160", 20},
    {"sha1", 20},
    {"sha224", 28},
    {"sha256", 32},
    {"sha384", 48},
    {"sha512", 64},
    {"sha512-224", 28},
    {"sha512-256", 32},
    {"sha3-224", 28},
    {"sha3-256", 32},
    {"sha3-384", 48},
    {"sha3-512", 64},
}};

const HashFacts& facts(Hash hash) {
  return kHashes.at(static_cast<std::size_t>(hash));
}

constexpr std::array<std::string_view, 9> kCiphers = {"",    "stream", "ctr", "cfb",      "ofb",
                                                      "xts", "ecb",    "cbc", "cbc-pkcs7"};
constexpr std::array<std::string_view, 4> kMacs = {"", "hmac", "cbc-mac", "cmac"};
constexpr std::array<std::string_view, 4> kAeads = {"", "ccm", "gcm", "chacha20-poly1305"};
constexpr std::array<std::string_view, 8> kSignatures = {
    "",      "rsa-pkcs1v15", "rsa-pkcs1v15-raw",    "rsa-pss",
    "ecdsa", "ecdsa-any",    "deterministic-ecdsa", "eddsa"};
constexpr std::array<std::string_view, 4> kDerivations = {"", "hkdf", "tls12-prf",
                                                          "tls12-psk-to-ms"};
constexpr std::array<std::string_view, 11> kFamilies = {
    "",        "secp-k1",        "secp-r1", "secp-r2",    "sect-k1",        "sect-r1",
    "sect-r2", "brainpool-p-r1", "frp",     "montgomery", "twisted-edwards"};
constexpr std::array<std::string_view, 15> kKinds = {
    "",    "raw",      "hmac",           "derive",   "aes",
    "des", "camellia", "arc4",           "chacha20", "rsa-public-key",
    "rsa", "ecc",      "ecc-public-key", "dh",       "dh-public-key"};

template <std::size_t Size, typename Enum>
std::string_view name_of(const std::array<std::string_view, Size>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

struct Namer {
  std::string operator()(const NoAlgorithm&) const { return "none"; }
  std::string operator()(const Hash& hash) const { return to_string(hash); }
  std::string operator()(const Cipher& cipher) const {
    return std::string(name_of(kCiphers, cipher));
  }
  std::string operator()(const Mac& mac) const {
    std::string name(name_of(kMacs, mac.kind));
    if (mac.hash) name += "-" + to_string(*mac.hash);
    if (mac.truncated_size) name += fmt::format("-truncated-{}", *mac.truncated_size);
    return name;
  }
  std::string operator()(const Aead& aead) const {
    std::string name(name_of(kAeads, aead.kind));
    if (aead.shortened_tag_size) name += fmt::format("-tag-{}", *aead.shortened_tag_size);
    return name;
  }
  std::string operator()(const AsymmetricSignature& signature) const {
    std::string name(name_of(kSignatures, signature.kind));
    if (!signature.takes_hash()) return name;
    return name + "-" + (signature.hash ? to_string(*signature.hash) : "any-hash");
  }
  std::string operator()(const AsymmetricEncryption& encryption) const {
    if (!encryption.hash) return "rsa-pkcs1v15-crypt";
    return "rsa-oaep-" + to_string(*encryption.hash);
  }
  std::string operator()(const KeyDerivation& derivation) const {
    return fmt::format("{}-{}", name_of(kDerivations, derivation.kind), to_string(derivation.hash));
  }
  std::string operator()(const KeyAgreement& agreement) const {
    std::string name = agreement.raw == RawKeyAgreement::Ecdh ? "ecdh" : "ffdh";
    if (agreement.derivation) name += "-" + (*this)(*agreement.derivation);
    return name;
  }
  std::string operator()(const KeyWrap& wrap) const {
    return wrap.hash ? "rsa-oaep-" + to_string(*wrap.hash) + "-aes-kwp" : "aes-kwp";
  }
};

}  // namespace

std::size_t digest_size(Hash hash) noexcept {
  return facts(hash).digest_size;
}

bool is_extension(const KeyType& type) noexcept {
  return type.curve_family == EccFamily::TwistedEdwards;
}

bool is_extension(const Algorithm& algorithm) noexcept {
  const auto* signature = std::get_if<AsymmetricSignature>(&algorithm);
  if (signature != nullptr) return signature->kind == AsymmetricSignature::Kind::PureEddsa;
  return std::holds_alternative<KeyWrap>(algorithm);
}

std::string to_string(Hash hash) {
  return std::string(facts(hash).name);
}

std::string to_string(const Algorithm& algorithm) {
  return std::visit(Namer(), algorithm);
}

std::string to_string(const KeyType& type, std::uint32_t bits) {
  std::string name(name_of(kKinds, type.kind));
  if (type.curve_family) name += fmt::format("-{}", name_of(kFamilies, *type.curve_family));
  if (bits != 0) name += fmt::format("-{}", bits);
  return name;
}

}  // namespace strongroom::psa
