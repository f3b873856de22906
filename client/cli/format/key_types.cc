#include "client/cli/format/key_types.h"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "client/cli/format/words.h"

namespace strongroom::cli {
namespace {

using psa::EccFamily;
using psa::KeyType;

constexpr KeyType ecc(EccFamily family) {
  return {KeyType::Kind::EccKeyPair, family};
}

constexpr KeyType kRsa = {KeyType::Kind::RsaKeyPair, std::nullopt};
constexpr KeyType kAes = {KeyType::Kind::Aes, std::nullopt};
constexpr std::array kTypes = {
    std::pair{std::string_view("ecc-p256"), TypeAndSize{ecc(EccFamily::SecpR1), 256}},
    std::pair{std::string_view("ecc-p384"), TypeAndSize{ecc(EccFamily::SecpR1), 384}},
    std::pair{std::string_view("ecc-p521"), TypeAndSize{ecc(EccFamily::SecpR1), 521}},
    std::pair{std::string_view("ecc-secp256k1"), TypeAndSize{ecc(EccFamily::SecpK1), 256}},
    std::pair{std::string_view("ecc-brainpool256"), TypeAndSize{ecc(EccFamily::BrainpoolPR1), 256}},
    std::pair{std::string_view("ecc-brainpool384"), TypeAndSize{ecc(EccFamily::BrainpoolPR1), 384}},
    std::pair{std::string_view("ecc-brainpool512"), TypeAndSize{ecc(EccFamily::BrainpoolPR1), 512}},
    std::pair{std::string_view("x25519"), TypeAndSize{ecc(EccFamily::Montgomery), 255}},
    std::pair{std::string_view("x448"), TypeAndSize{ecc(EccFamily::Montgomery), 448}},
    std::pair{std::string_view("ed25519"), TypeAndSize{ecc(EccFamily::TwistedEdwards), 255}},
    std::pair{std::string_view("ed448"), TypeAndSize{ecc(EccFamily::TwistedEdwards), 448}},
    std::pair{std::string_view("rsa-2048"), TypeAndSize{kRsa, 2048}},
    std::pair{std::string_view("rsa-3072"), TypeAndSize{kRsa, 3072}},
    std::pair{std::string_view("rsa-4096"), TypeAndSize{kRsa, 4096}},
    std::pair{std::string_view("aes-128"), TypeAndSize{kAes, 128}},
    std::pair{std::string_view("aes-192"), TypeAndSize{kAes, 192}},
    std::pair{std::string_view("aes-256"), TypeAndSize{kAes, 256}},
    std::pair{std::string_view("hmac-256"), TypeAndSize{{KeyType::Kind::Hmac, std::nullopt}, 256}},
    std::pair{std::string_view("derive-256"),
              TypeAndSize{{KeyType::Kind::Derive, std::nullopt}, 256}},
};

constexpr std::array kKinds = {
    KeyType::Kind::RsaKeyPair, KeyType::Kind::DhKeyPair, KeyType::Kind::Aes,
    KeyType::Kind::Camellia,   KeyType::Kind::Chacha20,  KeyType::Kind::Des,
    KeyType::Kind::Arc4,       KeyType::Kind::Hmac,      KeyType::Kind::Derive,
    KeyType::Kind::RawData,
};

std::vector<KeyType> all_types() {
  std::vector<KeyType> all;
  all.reserve(kKinds.size() + static_cast<std::size_t>(EccFamily::TwistedEdwards));
  for (KeyType::Kind kind : kKinds)
    all.push_back({kind, std::nullopt});
  for (int i = 1; i <= static_cast<int>(EccFamily::TwistedEdwards); ++i)
    all.push_back(ecc(static_cast<EccFamily>(i)));
  return all;
}

bool comes_in_any_whole_bytes(const KeyType& type) {
  return type.kind == KeyType::Kind::Hmac || type.kind == KeyType::Kind::Derive ||
         type.kind == KeyType::Kind::RawData;
}

// "camellia-128": what psa::to_string() makes of a type and of its size.
std::optional<TypeAndSize> described_by(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint32_t> bits = whole_number<std::uint32_t>(name.substr(dash + 1));
  if (!bits || *bits == 0) return std::nullopt;
  for (const KeyType& type : all_types()) {
    if (psa::to_string(type, 0) != name.substr(0, dash)) continue;
    if (comes_in_any_whole_bytes(type) && *bits % 8 != 0) return std::nullopt;
    return TypeAndSize{type, *bits};
  }
  return std::nullopt;
}

}  // namespace

Outcome<TypeAndSize> type_from(std::string_view name) {
  for (const auto& [known, type] : kTypes)
    if (known == name) return type;
  if (std::optional<TypeAndSize> described = described_by(name)) return *described;
  return unknown_word("key type", name,
                      fmt::format("it is one of {}; others are written with their size, as "
                                  "camellia-256, chacha20-256, hmac-512 or ecc-sect-r1-283",
                                  fmt::join(type_names(), ", ")));
}

std::string type_name(const psa::KeyType& type, std::uint32_t bits) {
  for (const auto& [name, known] : kTypes)
    if (known.type == type && known.bits == bits) return std::string(name);
  return psa::to_string(type, bits);
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  names.reserve(kTypes.size());
  for (const auto& [name, type] : kTypes)
    names.emplace_back(name);
  return names;
}

}  // namespace strongroom::cli
