#include "base/psa_names.h"

#include <array>

namespace strongroom::psa {
namespace {

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

}  // namespace

std::span<const std::pair<std::string_view, TypeAndSize>> short_names() noexcept {
  return kTypes;
}

std::string short_name(const KeyType& type, std::uint32_t bits) {
  for (const auto& [name, known] : kTypes)
    if (known.type == type && known.bits == bits) return std::string(name);
  return to_string(type, bits);
}

}  // namespace strongroom::psa
