#include "providers/software/capabilities.h"

#include <variant>

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

std::unexpected<Error> not_offered(const psa::KeyType& type, const psa::Algorithm& algorithm) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("algorithm '{}' with a key '{}' is not offered", to_string(algorithm),
                          to_string(type, 0)));
}

// Does some flag that is set, together with the algorithm, name an operation that is served?
struct UseCheck {
  const Algorithms& algorithms;
  const psa::KeyType& type;
  const psa::UsageFlags& usage;

  Result<> operator()(const psa::AsymmetricSignature& signature) const {
    TRY(check_signature(algorithms, type, signature));
    bool signs = type.is_key_pair() && (usage.sign_hash || usage.sign_message);
    return useful(signs || usage.verify_hash || usage.verify_message);
  }
  Result<> operator()(const psa::AsymmetricEncryption& encryption) const {
    TRY(check_encryption(algorithms, type, encryption));
    return useful(usage.encrypt || (type.is_key_pair() && usage.decrypt));
  }
  Result<> operator()(const psa::Aead& aead) const {
    TRY(check_aead(type, aead));
    return useful(usage.encrypt || usage.decrypt);
  }
  Result<> operator()(const psa::KeyAgreement& agreement) const {
    if (agreement.derivation) return not_offered(type, agreement);
    TRY(check_agreement(type, agreement.raw));
    return useful(type.is_key_pair() && usage.derive);
  }
  template <typename Other>
  Result<> operator()(const Other& other) const {
    return not_offered(type, other);
  }

 private:
  static Result<> useful(bool is_useful) {
    if (is_useful) return {};
    return fail(Status::PsaErrorNotSupported, "the usage flags allow nothing with this algorithm");
  }
};

}  // namespace

Result<> check_signature(const Algorithms& algorithms, const psa::KeyType& type,
                         const psa::AsymmetricSignature& signature) {
  using SignatureKind = psa::AsymmetricSignature::Kind;
  bool is_rsa =
      signature.kind == SignatureKind::RsaPkcs1v15 || signature.kind == SignatureKind::RsaPss;
  bool fits =
      (is_rsa && type.is_rsa()) || (signature.kind == SignatureKind::Ecdsa && type.is_ecc());
  if (!fits || (signature.hash && algorithms.digest(*signature.hash) == nullptr))
    return not_offered(type, signature);
  return {};
}

Result<> check_encryption(const Algorithms& algorithms, const psa::KeyType& type,
                          const psa::AsymmetricEncryption& encryption) {
  if (!type.is_rsa() || (encryption.hash && algorithms.digest(*encryption.hash) == nullptr))
    return not_offered(type, encryption);
  return {};
}

Result<> check_aead(const psa::KeyType& type, const psa::Aead& aead) {
  if (type.kind != Kind::Aes || aead.kind != psa::Aead::Kind::Gcm ||
      !is_gcm_tag_size(aead.tag_size()))
    return not_offered(type, aead);
  return {};
}

Result<> check_agreement(const psa::KeyType& type, psa::RawKeyAgreement agreement) {
  if (agreement != psa::RawKeyAgreement::Ecdh || !type.is_ecc())
    return not_offered(type, psa::KeyAgreement{agreement, std::nullopt});
  return {};
}

Result<> check_capability(const Algorithms& algorithms, Capability capability,
                          const psa::KeyAttributes& attributes) {
  TRY(check_key_type(attributes.type, attributes.bits));
  if (capability == Capability::Derive)
    return fail(Status::PsaErrorNotSupported, "no keys are derived");
  if (capability == Capability::Generate && attributes.type.is_public_key())
    return fail(Status::PsaErrorNotSupported, "public keys are not generated");
  bool is_for_no_algorithm = std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm);
  if (is_for_no_algorithm && capability != Capability::Use) return {};
  return std::visit(UseCheck{algorithms, attributes.type, attributes.usage}, attributes.algorithm);
}

}  // namespace strongroom::software
