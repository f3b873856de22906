#include "providers/software/key_manager.h"

#include "providers/software/key_types.h"
#include "providers/software/keys/dh_key.h"
#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/edwards_key.h"
#include "providers/software/keys/montgomery_key.h"
#include "providers/software/keys/rsa_key.h"
#include "providers/software/keys/symmetric_key.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

Result<NewKey> generate_on_curve(const psa::KeyAttributes& attributes) {
  switch (*attributes.type.curve_family) {
    case psa::EccFamily::Montgomery: return generate_montgomery(attributes);
    case psa::EccFamily::TwistedEdwards: return generate_edwards(attributes);
    default: return generate_ec(attributes);
  }
}

Result<NewKey> import_curve_pair(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                                 ByteView data) {
  switch (*attributes.type.curve_family) {
    case psa::EccFamily::Montgomery: return import_montgomery_pair(algorithms, attributes, data);
    case psa::EccFamily::TwistedEdwards: return import_edwards_pair(algorithms, attributes, data);
    default: return import_ec_pair(algorithms, attributes, data);
  }
}

Result<NewKey> import_curve_public_key(const Algorithms& algorithms,
                                       const psa::KeyAttributes& attributes, ByteView data) {
  switch (*attributes.type.curve_family) {
    case psa::EccFamily::Montgomery:
      return import_montgomery_public_key(algorithms, attributes, data);
    case psa::EccFamily::TwistedEdwards:
      return import_edwards_public_key(algorithms, attributes, data);
    default: return import_ec_public_key(algorithms, attributes, data);
  }
}

}  // namespace

Result<NewKey> EvpKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                       SecretBuffer /*material*/) {
  const psa::KeyType& type = attributes.type;
  if (type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot be generated");
  if (!is_offered(algorithms_, type, attributes.bits))
    return key_not_offered(type, attributes.bits);
  return cache_.with_room([&]() -> Result<NewKey> {
    if (type.is_rsa()) return generate_rsa(attributes, stop);
    if (type.is_dh()) return generate_dh(attributes, *algorithms_.dh_group(attributes.bits));
    if (type.is_ecc()) return generate_on_curve(attributes);
    return generate_symmetric(attributes);
  });
}

Result<NewKey> EvpKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                     SecretBuffer /*material*/) {
  TRY(check_key_type(algorithms_, attributes.type, attributes.bits));
  auto key = cache_.with_room([&] { return import_offered(attributes, data); });
  return in_context(std::move(key), "importing a key '{}'",
                    to_string(attributes.type, attributes.bits));
}

Result<NewKey> EvpKeyManager::import_offered(const psa::KeyAttributes& attributes, ByteView data) {
  switch (attributes.type.kind) {
    case Kind::RsaKeyPair: return import_rsa_pair(attributes, data);
    case Kind::RsaPublicKey: return import_rsa_public_key(attributes, data);
    case Kind::EccKeyPair: return import_curve_pair(algorithms_, attributes, data);
    case Kind::EccPublicKey: return import_curve_public_key(algorithms_, attributes, data);
    case Kind::DhKeyPair: return import_dh_pair(algorithms_, attributes, data);
    case Kind::DhPublicKey: return import_dh_public_key(algorithms_, attributes, data);
    default: return import_symmetric(algorithms_, attributes, data);
  }
}

Result<SecretBuffer> EvpKeyManager::export_key(const KeyRecord& key) {
  if (key.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key has nothing secret to export");
  return SecretBuffer::copy_of(key.material.reveal());
}

Result<> EvpKeyManager::destroy(const KeyRecord& key) {
  cache_.destroy(key.serial);
  return {};
}

}  // namespace strongroom::software
