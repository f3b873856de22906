#include "providers/tpm/facets/capabilities.h"

#include <algorithm>
#include <array>
#include <variant>

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

constexpr std::array kRsaSizes = {1024U, 2048U, 3072U, 4096U};

std::unexpected<Error> not_offered(const psa::KeyType& type, std::uint32_t bits,
                                   const psa::Algorithm& algorithm) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("the TPM does not offer algorithm '{}' with a key '{}'",
                          to_string(algorithm), to_string(type, bits)));
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

// Does some flag that is set name an operation with the algorithm?
struct UseCheck {
  const Capabilities& has;
  const psa::KeyAttributes& attributes;

  Result<> operator()(const psa::AsymmetricSignature& signature) const {
    TRY(has.check_signature(attributes.type, attributes.bits, signature));
    const psa::UsageFlags& usage = attributes.usage;
    bool hashes = signature.takes_hash();
    bool signs = usage.sign_hash || (hashes && usage.sign_message);
    bool verifies = usage.verify_hash || (hashes && usage.verify_message);
    return useful((attributes.type.is_key_pair() && signs) || verifies);
  }
  Result<> operator()(const psa::AsymmetricEncryption& encryption) const {
    TRY(has.check_encryption(attributes.type, attributes.bits, encryption));
    return useful(attributes.usage.encrypt ||
                  (attributes.type.is_key_pair() && attributes.usage.decrypt));
  }
  Result<> operator()(const psa::KeyAgreement& agreement) const {
    if (agreement.derivation) return not_offered(attributes.type, attributes.bits, agreement);
    TRY(has.check_agreement(attributes.type, attributes.bits, agreement.raw));
    return useful(attributes.type.is_key_pair() && attributes.usage.derive);
  }
  template <typename Other>
  Result<> operator()(const Other& other) const {
    return not_offered(attributes.type, attributes.bits, other);
  }

 private:
  static Result<> useful(bool is_useful) {
    if (is_useful) return {};
    return fail(Status::PsaErrorNotSupported, "the usage flags allow nothing with this algorithm");
  }
};

}  // namespace

Outcome<Capabilities> Capabilities::of(Channel& channel) {
  Capabilities found;
  TRY(found.ask_algorithms(channel));
  TRY(found.ask_curves(channel));
  TRY(found.ask_rsa_sizes(channel));
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

// There is no list of them: each is tried, for what a key of ours would be.
Outcome<> Capabilities::ask_rsa_sizes(Channel& channel) {
  for (std::uint32_t bits : kRsaSizes) {
    auto area = TRY(generated_key({psa::KeyType::Kind::RsaKeyPair, std::nullopt}, bits));
    auto tested = test_parameters(channel, {area.type, area.parameters});
    if (tested) {
      rsa_sizes_.insert(bits);
      continue;
    }
    TSS2_RC code = tested.error().code();
    if (code != TPM2_RC_VALUE && code != TPM2_RC_KEY_SIZE && code != TPM2_RC_TYPE &&
        code != TPM2_RC_ASYMMETRIC)
      return tested;
  }
  return {};
}

bool Capabilities::has_key(const psa::KeyType& type, std::uint32_t bits) const {
  if (type.is_rsa()) return bits == 0 ? !rsa_sizes_.empty() : rsa_sizes_.contains(bits);
  if (!type.is_ecc() || type.curve_family != psa::EccFamily::SecpR1) return false;
  return bits == 0 ? !curves_.empty() : curves_.contains(curve_of(type, bits));
}

TPM2_ALG_ID Capabilities::hash(psa::Hash hash) const {
  const auto* row = std::ranges::find(kHashes, hash, &HashRow::hash);
  return row != kHashes.end() && has_algorithm(row->algorithm) ? row->algorithm
                                                               : TPM2_ALG_ID{TPM2_ALG_NULL};
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

Result<> Capabilities::check_capability(Capability capability,
                                        const psa::KeyAttributes& attributes) const {
  TRY(check_key(attributes.type, attributes.bits));
  if (capability == Capability::Derive)
    return fail(Status::PsaErrorNotSupported, "no keys are derived");
  if (capability == Capability::Generate && attributes.type.is_public_key())
    return fail(Status::PsaErrorNotSupported, "public keys are not generated");
  bool is_for_no_algorithm = std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm);
  if (is_for_no_algorithm && capability != Capability::Use) return {};
  return std::visit(UseCheck{*this, attributes}, attributes.algorithm);
}

}  // namespace strongroom::tpm
