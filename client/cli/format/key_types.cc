#include "client/cli/format/key_types.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "client/cli/format/words.h"

namespace strongroom::cli {
namespace {

using psa::EccFamily;
using psa::KeyType;

constexpr KeyType ecc(EccFamily family) {
  return {KeyType::Kind::EccKeyPair, family};
}

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
  for (const auto& [known, type] : psa::short_names())
    if (known == name) return type;
  if (std::optional<TypeAndSize> described = described_by(name)) return *described;
  return unknown_word("key type", name,
                      fmt::format("it is one of {}; others are written with their size, as "
                                  "camellia-256, chacha20-256, hmac-512 or ecc-sect-r1-283",
                                  fmt::join(type_names(), ", ")));
}

std::string type_name(const psa::KeyType& type, std::uint32_t bits) {
  return psa::short_name(type, bits);
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  names.reserve(psa::short_names().size());
  for (const auto& [name, type] : psa::short_names())
    names.emplace_back(name);
  return names;
}

}  // namespace strongroom::cli
