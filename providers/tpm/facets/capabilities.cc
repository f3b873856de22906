#include "providers/tpm/facets/capabilities.h"

#include <algorithm>
#include <array>
#include <variant>

#include "providers/software/device_uses.h"
#include "providers/tpm/objects/commands.h"
#include "providers/tpm/objects/public_keys.h"
#include "providers/tpm/objects/templates.h"

namespace strongroom::tpm {
namespace {

using SignatureKind = psa::AsymmetricSignature::Kind;

struct HashRow {
  psa::Hash hash;
  TPM2_ALG_ID algorithm;
};
constexpr std::array kHashes = {
    HashRow{psa::Hash::Sha1, TPM2_ALG_SHA1},
    HashRow{psa::Hash::Sha256, TPM2_ALG_SHA256},
    HashRow{psa::Hash::Sha384, TPM2_ALG_SHA384},
    HashRow{psa::Hash::Sha512, TPM2_ALG_SHA512},
    HashRow{psa::Hash::Sha3_256, TPM2_ALG_SHA3_256},
    HashRow{psa::Hash::Sha3_384, TPM2_ALG_SHA3_384},
    HashRow{psa::Hash::Sha3_512, TPM2_ALG_SHA3_512},
};

struct ModeRow {
  psa::Cipher cipher;
  TPM2_ALG_ID mode;
};
constexpr std::array kModes = {
    ModeRow{psa::Cipher::Ctr, TPM2_ALG_CTR},
    ModeRow{psa::Cipher::Cfb, TPM2_ALG_CFB},
    ModeRow{psa::Cipher::Ofb, TPM2_ALG_OFB},
    ModeRow{psa::Cipher::EcbNoPadding, TPM2_ALG_ECB},
    ModeRow{psa::Cipher::CbcNoPadding, TPM2_ALG_CBC},
    ModeRow{psa::Cipher::CbcPkcs7, TPM2_ALG_CBC},
};

constexpr std::array kRsaSizes = {1024U, 2048U, 3072U, 4096U};
constexpr std::array kAesSizes = {128U, 192U, 256U};
// A block of the hash that names are of: TPM 2.0 r1.59 Part 1 §24.5.
constexpr std::uint32_t kMostHmacBits = 8 * 64;
constexpr std::size_t kBlock = 16;

constexpr std::string_view kDevice = "the TPM";

std::unexpected<Error> not_offered(const psa::KeyType& type, std::uint32_t bits,
                                   const psa::Algorithm& algorithm) {
  return software::not_offered_by(kDevice, type, bits, algorithm);
}

// RFC 8017 §7.1.1 and §9.1.1: a modulus that leaves room.
bool has_room(std::uint32_t bits, psa::Hash hash) {
  return bits == 0 || bits / 8 >= 2 * psa::digest_size(hash) + 3;
}

// ECDSA signs a number, whatever digest it comes from; see signer.h. Software verifies with all but
// the two oldest.
bool is_for_ecdsa(psa::Hash hash) {
  return hash != psa::Hash::Md2 && hash != psa::Hash::Md4;
}

Outcome<bool> has_size(Channel& channel, const psa::KeyType& type, std::uint32_t bits) {
  auto area = TRY(generated_key(type, bits));
  auto tested = test_parameters(channel, {area.type, area.parameters});
  if (tested) return true;
  constexpr std::array kNo = {TPM2_RC_VALUE,      TPM2_RC_KEY_SIZE,  TPM2_RC_TYPE,
                              TPM2_RC_ASYMMETRIC, TPM2_RC_SYMMETRIC, TPM2_RC_MODE};
  if (std::ranges::find(kNo, tested.error().code()) != kNo.end()) return false;
  return std::unexpected(std::move(tested).error());
}

}  // namespace

Outcome<Capabilities> Capabilities::of(Channel& channel) {
  Capabilities found;
  TRY(found.ask_algorithms(channel));
  TRY(found.ask_commands(channel));
  TRY(found.ask_curves(channel));
  TRY(found.ask_sizes(channel));
  TRY(found.ask_input_size(channel));
  return found;
}

Outcome<> Capabilities::ask_algorithms(Channel& channel) {
  for (UINT32 next = TPM2_ALG_FIRST;;) {
    auto step = TRY(capability(channel, TPM2_CAP_ALGS, next, TPM2_MAX_CAP_ALGS));
    const TPML_ALG_PROPERTY& list = step.data.algorithms;
    for (const TPMS_ALG_PROPERTY& property : std::span(list.algProperties).first(list.count))
      algorithms_.insert(property.alg);
    if (!step.has_more || list.count == 0 || *algorithms_.rbegin() < next) return {};
    next = *algorithms_.rbegin() + 1U;
  }
}

Outcome<> Capabilities::ask_curves(Channel& channel) {
  if (!has_algorithm(TPM2_ALG_ECC)) return {};
  auto step = TRY(capability(channel, TPM2_CAP_ECC_CURVES, TPM2_ECC_NONE, TPM2_MAX_ECC_CURVES));
  const TPML_ECC_CURVE& list = step.data.eccCurves;
  for (TPM2_ECC_CURVE curve : std::span(list.eccCurves).first(list.count))
    curves_.insert(curve);
  return {};
}

Outcome<> Capabilities::ask_commands(Channel& channel) {
  constexpr UINT32 kFirst = 0;
  for (UINT32 next = kFirst;;) {
    auto step = TRY(capability(channel, TPM2_CAP_COMMANDS, next, TPM2_MAX_CAP_CC));
    const TPML_CCA& list = step.data.command;
    UINT32 last = next;
    for (TPMA_CC attributes : std::span(list.commandAttributes).first(list.count)) {
      last = attributes & TPMA_CC_COMMANDINDEX_MASK;
      if ((attributes & TPMA_CC_V) == 0) commands_.insert(last);
    }
    if (!step.has_more || last < next) return {};
    next = last + 1;
  }
}

// There are no lists of them: each is tried, for what a key of ours would be.
Outcome<> Capabilities::ask_sizes(Channel& channel) {
  using Kind = psa::KeyType::Kind;
  for (std::uint32_t bits : kRsaSizes) {
    auto is_there = TRY(has_size(channel, {Kind::RsaKeyPair, std::nullopt}, bits));
    if (is_there) rsa_sizes_.insert(bits);
  }
  if (!has_algorithm(TPM2_ALG_AES) || !has_algorithm(TPM2_ALG_SYMCIPHER)) return {};
  for (std::uint32_t bits : kAesSizes) {
    auto is_there = TRY(has_size(channel, {Kind::Aes, std::nullopt}, bits));
    if (is_there) aes_sizes_.insert(bits);
  }
  return {};
}

Outcome<> Capabilities::ask_input_size(Channel& channel) {
  auto step = TRY(capability(channel, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_INPUT_BUFFER, 1));
  const TPML_TAGGED_TPM_PROPERTY& list = step.data.tpmProperties;
  bool is_told = list.count == 1 && list.tpmProperty[0].property == TPM2_PT_INPUT_BUFFER;
  std::size_t size = is_told ? list.tpmProperty[0].value : TPM2_MAX_DIGEST_BUFFER;
  input_size_ = std::clamp<std::size_t>(size, kBlock, TPM2_MAX_DIGEST_BUFFER) / kBlock * kBlock;
  return {};
}

bool Capabilities::has_key(const psa::KeyType& type, std::uint32_t bits) const {
  if (type.is_rsa()) return bits == 0 ? !rsa_sizes_.empty() : rsa_sizes_.contains(bits);
  if (type.kind == psa::KeyType::Kind::Hmac)
    return has_algorithm(TPM2_ALG_HMAC) && has_algorithm(TPM2_ALG_KEYEDHASH) &&
           has_command(TPM2_CC_HMAC) && bits % 8 == 0 && bits <= kMostHmacBits;
  if (type.kind == psa::KeyType::Kind::Aes)
    return bits == 0 ? !aes_sizes_.empty() : aes_sizes_.contains(bits);
  if (!type.is_ecc() || type.curve_family != psa::EccFamily::SecpR1) return false;
  return bits == 0 ? !curves_.empty() : curves_.contains(curve_of(type, bits));
}

TPM2_ALG_ID Capabilities::hash(psa::Hash hash) const {
  const auto* row = std::ranges::find(kHashes, hash, &HashRow::hash);
  return row != kHashes.end() && has_algorithm(row->algorithm) ? row->algorithm
                                                               : TPM2_ALG_ID{TPM2_ALG_NULL};
}

TPM2_ALG_ID Capabilities::mode(psa::Cipher cipher) const {
  const auto* row = std::ranges::find(kModes, cipher, &ModeRow::cipher);
  return row != kModes.end() && has_algorithm(row->mode) ? row->mode : TPM2_ALG_ID{TPM2_ALG_NULL};
}

Result<> Capabilities::check_key(const psa::KeyType& type, std::uint32_t bits) const {
  if (has_key(type, bits)) return {};
  return fail(Status::PsaErrorNotSupported,
              fmt::format("the TPM does not offer key type '{}'", to_string(type, bits)));
}

Result<> Capabilities::check_signature(const psa::KeyType& type, std::uint32_t bits,
                                       const psa::AsymmetricSignature& signature) const {
  TRY(check_key(type, bits));
  bool has_hash = !signature.hash || hash(*signature.hash) != TPM2_ALG_NULL ||
                  (type.is_ecc() && is_for_ecdsa(*signature.hash));
  bool has_scheme = false;
  switch (signature.kind) {
    case SignatureKind::RsaPkcs1v15:
      has_scheme = type.is_rsa() && has_algorithm(TPM2_ALG_RSASSA);
      break;
    case SignatureKind::RsaPss: has_scheme = type.is_rsa() && has_algorithm(TPM2_ALG_RSAPSS); break;
    case SignatureKind::Ecdsa:
    case SignatureKind::EcdsaAny:
      has_scheme = type.is_ecc() && has_algorithm(TPM2_ALG_ECDSA);
      break;
    default: break;
  }
  if (!has_hash || !has_scheme) return not_offered(type, bits, signature);
  return {};
}

Result<> Capabilities::check_encryption(const psa::KeyType& type, std::uint32_t bits,
                                        const psa::AsymmetricEncryption& encryption) const {
  TRY(check_key(type, bits));
  bool fits = encryption.hash
                  ? has_algorithm(TPM2_ALG_OAEP) && hash(*encryption.hash) != TPM2_ALG_NULL &&
                        has_room(bits, *encryption.hash)
                  : has_algorithm(TPM2_ALG_RSAES);
  if (!type.is_rsa() || !fits) return not_offered(type, bits, encryption);
  return {};
}

Result<> Capabilities::check_agreement(const psa::KeyType& type, std::uint32_t bits,
                                       psa::RawKeyAgreement agreement) const {
  TRY(check_key(type, bits));
  bool fits =
      type.is_ecc() && agreement == psa::RawKeyAgreement::Ecdh && has_algorithm(TPM2_ALG_ECDH);
  if (!fits) return not_offered(type, bits, psa::KeyAgreement{agreement, std::nullopt});
  return {};
}

Result<> Capabilities::check_mac(const psa::KeyType& type, std::uint32_t bits,
                                 const psa::Mac& mac) const {
  using Kind = psa::KeyType::Kind;
  TRY(check_key(type, bits));
  bool fits = false;
  switch (mac.kind) {
    case psa::Mac::Kind::Hmac:
      fits = type.kind == Kind::Hmac && mac.hash && hash(*mac.hash) != TPM2_ALG_NULL;
      break;
    case psa::Mac::Kind::Cmac:
      fits = type.kind == Kind::Aes && has_algorithm(TPM2_ALG_CMAC) && has_command(TPM2_CC_HMAC);
      break;
    case psa::Mac::Kind::CbcMac: return check_cipher(type, bits, psa::Cipher::CbcNoPadding);
  }
  if (!fits) return not_offered(type, bits, mac);
  return {};
}

Result<> Capabilities::check_cipher(const psa::KeyType& type, std::uint32_t bits,
                                    psa::Cipher cipher) const {
  TRY(check_key(type, bits));
  bool fits = type.kind == psa::KeyType::Kind::Aes && mode(cipher) != TPM2_ALG_NULL &&
              has_command(TPM2_CC_EncryptDecrypt2);
  if (!fits) return not_offered(type, bits, cipher);
  return {};
}

Result<> Capabilities::check_generation(const psa::KeyAttributes& attributes) const {
  psa::KeyAttributes of_most_use = attributes;
  of_most_use.usage = software::kEveryUse;
  return check_capability(Capability::Generate, of_most_use);
}

Result<> Capabilities::check_capability(Capability capability,
                                        const psa::KeyAttributes& attributes) const {
  TRY(check_key(attributes.type, attributes.bits));
  if (capability == Capability::Derive)
    return fail(Status::PsaErrorNotSupported, "no keys are derived");
  if (capability == Capability::Generate && attributes.type.is_public_key())
    return fail(Status::PsaErrorNotSupported, "public keys are not generated");
  bool is_for_no_algorithm = std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm);
  if (is_for_no_algorithm && capability != Capability::Use) return {};
  return std::visit(software::DeviceUses{*this, attributes, kDevice}, attributes.algorithm);
}

}  // namespace strongroom::tpm
