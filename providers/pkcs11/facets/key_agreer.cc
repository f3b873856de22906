#include "providers/pkcs11/facets/key_agreer.h"

#include "providers/pkcs11/objects/agreement.h"
#include "providers/software/curves.h"

namespace strongroom::pkcs11 {
namespace {

using Kind = psa::KeyType::Kind;

psa::KeyAttributes public_attributes(const KeyRecord& key) {
  return public_half(key).attributes;
}

std::size_t field_size(const KeyRecord& key) {
  return software::curve_of(key.attributes.type, key.attributes.bits)->field_size;
}

}  // namespace

Result<SecretBuffer> TokenKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                           ByteView peer) {
  const psa::KeyAttributes& attributes = key.attributes;
  if (!attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "key agreement needs a key pair");
  TRY(access_.capabilities().check_agreement(attributes.type, attributes.bits, algorithm));
  std::ignore = TRY(in_context(access_.software().keys()->import(public_attributes(key), peer),
                               "reading the peer's key"));
  return TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
    return agreed(session, object, key, peer);
  }));
}

Outcome<SecretBuffer> TokenKeyAgreer::agreed(Session& session, const KeyObject& object,
                                             const KeyRecord& key, ByteView peer) {
  if (!object.is_proven) TRY(prove(session, object, key));
  return shared_secret(session, object.handle, peer, field_size(key));
}

Outcome<> TokenKeyAgreer::prove(Session& session, const KeyObject& object, const KeyRecord& key) {
  psa::KeyAttributes attributes = key.attributes;
  attributes.type.kind = Kind::EccKeyPair;
  auto own = TRY(access_.software().keys()->generate(attributes, {}));
  auto theirs = TRY(shared_secret(session, object.handle, own.public_key, field_size(key)));
  KeyRecord pair{.id = {},
                 .attributes = attributes,
                 .material = std::move(own.material),
                 .public_key = std::move(own.public_key)};
  auto ours =
      TRY(access_.software().key_agreer()->agree(pair, psa::RawKeyAgreement::Ecdh, key.public_key));
  if (ours == theirs) {
    access_.objects().prove(key);
    return {};
  }
  access_.objects().forget(key);
  return fail(Status::PsaErrorCorruptionDetected,
              "the token's private key does not go with the recorded public key");
}

}  // namespace strongroom::pkcs11
