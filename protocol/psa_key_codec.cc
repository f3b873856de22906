#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "protocol/psa_codec.h"

namespace strongroom {
namespace {

using Contract = psa_key_attributes::KeyType;
using Kind = psa::KeyType::Kind;

std::unexpected<Error> missing(std::string_view part) {
  return fail(Status::InvalidEncoding, fmt::format("decoding key attributes: {} is missing", part));
}

std::unexpected<Error> unknown(std::string_view family, int number) {
  return fail(Status::InvalidEncoding,
              fmt::format("decoding key attributes: {} {} does not exist", family, number));
}

Result<psa::KeyType> decode_ecc(Kind kind, Contract::EccFamily family) {
  if (family == Contract::ECC_FAMILY_NONE) return missing("curve family");
  if (!Contract::EccFamily_IsValid(family)) return unknown("curve family", family);
  if (family == Contract::TWISTED_EDWARDS)
    return psa::KeyType{.kind = kind, .curve_family = psa::EccFamily::TwistedEdwards};
  return psa::KeyType{.kind = kind, .curve_family = static_cast<psa::EccFamily>(family)};
}

Contract::EccFamily encode(std::optional<psa::EccFamily> family) {
  if (family == psa::EccFamily::TwistedEdwards) return Contract::TWISTED_EDWARDS;
  return static_cast<Contract::EccFamily>(family.value_or(psa::EccFamily{}));
}

Result<psa::KeyType> decode_dh(Kind kind, Contract::DhFamily family) {
  if (family != Contract::RFC7919) return unknown("group family", family);
  return psa::KeyType{.kind = kind};
}

}  // namespace

// The kinds are numbered as the fields of the oneof are.
Result<psa::KeyType> decode(const Contract& type) {
  auto kind = static_cast<Kind>(type.variant_case());
  switch (type.variant_case()) {
    case Contract::VARIANT_NOT_SET: return missing("key type");
    case Contract::kEccKeyPair: return decode_ecc(kind, type.ecc_key_pair().curve_family());
    case Contract::kEccPublicKey: return decode_ecc(kind, type.ecc_public_key().curve_family());
    case Contract::kDhKeyPair: return decode_dh(kind, type.dh_key_pair().group_family());
    case Contract::kDhPublicKey: return decode_dh(kind, type.dh_public_key().group_family());
    default: return psa::KeyType{.kind = kind};
  }
}

psa::UsageFlags decode(const psa_key_attributes::UsageFlags& flags) noexcept {
  return {
      .may_export = flags.export_(),
      .copy = flags.copy(),
      .cache = flags.cache(),
      .encrypt = flags.encrypt(),
      .decrypt = flags.decrypt(),
      .sign_message = flags.sign_message(),
      .verify_message = flags.verify_message(),
      .sign_hash = flags.sign_hash(),
      .verify_hash = flags.verify_hash(),
      .derive = flags.derive(),
      .wrap = flags.wrap(),
      .unwrap = flags.unwrap(),
  };
}

Result<psa::KeyAttributes> decode(const psa_key_attributes::KeyAttributes& attributes) {
  psa::KeyType type = TRY(decode(attributes.key_type()));
  if (!attributes.has_key_policy()) return missing("key policy");
  const psa_key_attributes::KeyPolicy& policy = attributes.key_policy();
  if (!policy.has_key_usage_flags()) return missing("set of usage flags");
  if (!policy.has_key_algorithm()) return missing("key algorithm");
  psa::Algorithm algorithm = TRY(decode(policy.key_algorithm()));
  return psa::KeyAttributes{
      .type = type,
      .bits = attributes.key_bits(),
      .usage = decode(policy.key_usage_flags()),
      .algorithm = algorithm,
      .drawn_nonce_only = policy.drawn_nonce_only(),
  };
}

Contract encode(const psa::KeyType& type) {
  Contract contract;
  const Contract::EccFamily family = encode(type.curve_family);
  switch (type.kind) {
    case Kind::RawData: contract.mutable_raw_data(); break;
    case Kind::Hmac: contract.mutable_hmac(); break;
    case Kind::Derive: contract.mutable_derive(); break;
    case Kind::Aes: contract.mutable_aes(); break;
    case Kind::Des: contract.mutable_des(); break;
    case Kind::Camellia: contract.mutable_camellia(); break;
    case Kind::Arc4: contract.mutable_arc4(); break;
    case Kind::Chacha20: contract.mutable_chacha20(); break;
    case Kind::RsaPublicKey: contract.mutable_rsa_public_key(); break;
    case Kind::RsaKeyPair: contract.mutable_rsa_key_pair(); break;
    case Kind::EccKeyPair: contract.mutable_ecc_key_pair()->set_curve_family(family); break;
    case Kind::EccPublicKey: contract.mutable_ecc_public_key()->set_curve_family(family); break;
    case Kind::DhKeyPair: contract.mutable_dh_key_pair(); break;
    case Kind::DhPublicKey: contract.mutable_dh_public_key(); break;
  }
  return contract;
}

psa_key_attributes::UsageFlags encode(const psa::UsageFlags& flags) {
  psa_key_attributes::UsageFlags contract;
  contract.set_export_(flags.may_export);
  contract.set_copy(flags.copy);
  contract.set_cache(flags.cache);
  contract.set_encrypt(flags.encrypt);
  contract.set_decrypt(flags.decrypt);
  contract.set_sign_message(flags.sign_message);
  contract.set_verify_message(flags.verify_message);
  contract.set_sign_hash(flags.sign_hash);
  contract.set_verify_hash(flags.verify_hash);
  contract.set_derive(flags.derive);
  contract.set_wrap(flags.wrap);
  contract.set_unwrap(flags.unwrap);
  return contract;
}

psa_key_attributes::KeyAttributes encode(const psa::KeyAttributes& attributes) {
  psa_key_attributes::KeyAttributes contract;
  *contract.mutable_key_type() = encode(attributes.type);
  contract.set_key_bits(attributes.bits);
  *contract.mutable_key_policy()->mutable_key_usage_flags() = encode(attributes.usage);
  *contract.mutable_key_policy()->mutable_key_algorithm() = encode(attributes.algorithm);
  contract.mutable_key_policy()->set_drawn_nonce_only(attributes.drawn_nonce_only);
  return contract;
}

}  // namespace strongroom
