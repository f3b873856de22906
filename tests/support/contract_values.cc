#include "tests/support/contract_values.h"

#include <optional>

namespace strongroom::testing {
namespace {

using Kind = psa::KeyType::Kind;
using Family = psa::EccFamily;

struct FamilySizes {
  Family family;
  std::vector<std::uint32_t> bits;
};

const std::vector<FamilySizes>& curve_sizes() {
  static const std::vector<FamilySizes> kSizes = {
      {Family::SecpK1, {192, 224, 256}},
      {Family::SecpR1, {192, 224, 256, 384, 521}},
      {Family::SecpR2, {160}},
      {Family::SectK1, {163, 233, 239, 283, 409, 571}},
      {Family::SectR1, {163, 233, 283, 409, 571}},
      {Family::SectR2, {163}},
      {Family::BrainpoolPR1, {160, 192, 224, 256, 320, 384, 512}},
      {Family::Frp, {256}},
      {Family::Montgomery, {255, 448}},
      {Family::TwistedEdwards, {255, 448}},
  };
  return kSizes;
}

std::vector<psa::Hash> all_hashes() {
  std::vector<psa::Hash> hashes;
  for (std::uint8_t number = 1; number <= 15; ++number)
    hashes.push_back(static_cast<psa::Hash>(number));
  return hashes;
}

void add_macs(std::vector<psa::Algorithm>& algorithms) {
  for (std::uint32_t size : {0U, 3U, 4U, 9U, 16U, 17U, 63U}) {
    auto truncated = size == 0 ? std::optional<std::uint32_t>() : size;
    for (psa::Hash hash : all_hashes())
      algorithms.emplace_back(psa::Mac{psa::Mac::Kind::Hmac, hash, truncated});
    algorithms.emplace_back(psa::Mac{psa::Mac::Kind::CbcMac, std::nullopt, truncated});
    algorithms.emplace_back(psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, truncated});
  }
}

void add_aeads(std::vector<psa::Algorithm>& algorithms) {
  for (auto kind :
       {psa::Aead::Kind::Ccm, psa::Aead::Kind::Gcm, psa::Aead::Kind::Chacha20Poly1305}) {
    algorithms.emplace_back(psa::Aead{kind, std::nullopt});
    for (std::uint32_t tag = 0; tag <= 17; ++tag)
      algorithms.emplace_back(psa::Aead{kind, tag});
  }
}

void add_signatures(std::vector<psa::Algorithm>& algorithms) {
  using SignatureKind = psa::AsymmetricSignature::Kind;
  algorithms.emplace_back(psa::AsymmetricSignature{SignatureKind::RsaPkcs1v15Raw, std::nullopt});
  algorithms.emplace_back(psa::AsymmetricSignature{SignatureKind::EcdsaAny, std::nullopt});
  for (auto kind : {SignatureKind::RsaPkcs1v15, SignatureKind::RsaPss, SignatureKind::Ecdsa,
                    SignatureKind::DeterministicEcdsa}) {
    algorithms.emplace_back(psa::AsymmetricSignature{kind, std::nullopt});
    for (psa::Hash hash : all_hashes())
      algorithms.emplace_back(psa::AsymmetricSignature{kind, hash});
  }
}

void add_agreements(std::vector<psa::Algorithm>& algorithms) {
  for (auto kind : {psa::KeyDerivation::Kind::Hkdf, psa::KeyDerivation::Kind::Tls12Prf,
                    psa::KeyDerivation::Kind::Tls12PskToMs})
    for (psa::Hash hash : all_hashes()) {
      psa::KeyDerivation derivation{kind, hash};
      algorithms.emplace_back(derivation);
      for (auto raw : {psa::RawKeyAgreement::Ffdh, psa::RawKeyAgreement::Ecdh})
        algorithms.emplace_back(psa::KeyAgreement{raw, derivation});
    }
  for (auto raw : {psa::RawKeyAgreement::Ffdh, psa::RawKeyAgreement::Ecdh})
    algorithms.emplace_back(psa::KeyAgreement{raw, std::nullopt});
}

void add_extensions(std::vector<psa::Algorithm>& algorithms) {
  algorithms.emplace_back(
      psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt});
  algorithms.emplace_back(psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, std::nullopt});
  for (psa::Hash hash : all_hashes())
    algorithms.emplace_back(psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, hash});
}

}  // namespace

std::vector<TypeAndBits> all_key_types() {
  std::vector<TypeAndBits> types;
  auto add = [&](Kind kind, std::optional<Family> family, std::vector<std::uint32_t> sizes) {
    for (std::uint32_t bits : sizes)
      types.push_back({{kind, family}, bits});
  };
  add(Kind::RawData, {}, {7, 8, 128, 65528, 65536});
  add(Kind::Hmac, {}, {8, 256, 1600});
  add(Kind::Derive, {}, {256});
  add(Kind::Aes, {}, {64, 128, 192, 256, 384, 512});
  add(Kind::Des, {}, {56, 64, 128, 192});
  add(Kind::Camellia, {}, {128, 192, 256, 512});
  add(Kind::Arc4, {}, {32, 40, 128, 2048, 2056});
  add(Kind::Chacha20, {}, {128, 256});
  for (Kind kind : {Kind::RsaPublicKey, Kind::RsaKeyPair})
    add(kind, {}, {1024, 1536, 2048, 3072, 4096, 8192});
  for (Kind kind : {Kind::DhPublicKey, Kind::DhKeyPair})
    add(kind, {}, {1024, 2048, 3072, 4096, 6144, 8192});
  for (Kind kind : {Kind::EccPublicKey, Kind::EccKeyPair})
    for (const auto& [family, bits] : curve_sizes())
      add(kind, family, bits);
  return types;
}

std::vector<psa::Algorithm> all_algorithms() {
  std::vector<psa::Algorithm> algorithms = {psa::NoAlgorithm()};
  for (psa::Hash hash : all_hashes())
    algorithms.emplace_back(hash);
  for (std::uint8_t number = 1; number <= 8; ++number)
    algorithms.emplace_back(static_cast<psa::Cipher>(number));
  algorithms.emplace_back(
      psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, std::nullopt});
  for (psa::Hash hash : all_hashes())
    algorithms.emplace_back(
        psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaOaep, hash});
  add_macs(algorithms);
  add_aeads(algorithms);
  add_signatures(algorithms);
  add_agreements(algorithms);
  add_extensions(algorithms);
  return algorithms;
}

std::vector<psa::UsageFlags> all_single_flags() {
  return {
      {},
      {.may_export = true},
      {.copy = true},
      {.cache = true},
      {.encrypt = true},
      {.decrypt = true},
      {.sign_message = true},
      {.verify_message = true},
      {.sign_hash = true},
      {.verify_hash = true},
      {.derive = true},
      {.wrap = true},
      {.unwrap = true},
  };
}

}  // namespace strongroom::testing
