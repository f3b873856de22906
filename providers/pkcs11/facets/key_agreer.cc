#include "providers/pkcs11/facets/key_agreer.h"

#include <algorithm>

#include "providers/pkcs11/objects/agreement.h"
#include "providers/pkcs11/objects/curves.h"
#include "providers/pkcs11/objects/dh_groups.h"

namespace strongroom::pkcs11 {
namespace {

psa::KeyAttributes public_attributes(const KeyRecord& key) {
  return public_half(key).attributes;
}

psa::RawKeyAgreement kind_of(const KeyRecord& key) {
  return key.attributes.type.is_dh() ? psa::RawKeyAgreement::Ffdh : psa::RawKeyAgreement::Ecdh;
}

Outcome<SecretBuffer> secret_of(Session& session, const KeyObject& object, const KeyRecord& key,
                                ByteView peer) {
  const auto& [type, bits] = std::tie(key.attributes.type, key.attributes.bits);
  if (type.is_dh()) return shared_number(session, object.handle, peer);
  return shared_secret(session, object.handle, peer, token_curve_of(type, bits)->secret_size);
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
  if (is_montgomery(attributes.type)) TRY(check_order(key, peer));
  return TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
    return agreed(session, object, key, peer);
  }));
}

// RFC 7748 §6: what gives zeros with any key of ours, gives them with a new one. Tokens say of it
// what they like.
Result<> TokenKeyAgreer::check_order(const KeyRecord& key, ByteView peer) {
  auto pair = TRY(software_pair(key));
  std::ignore = TRY(access_.software().key_agreer()->agree(pair, kind_of(key), peer));
  return {};
}

Result<KeyRecord> TokenKeyAgreer::software_pair(const KeyRecord& like) {
  auto made = TRY(access_.software().keys()->generate(like.attributes, {}));
  KeyRecord pair{.id = {},
                 .attributes = like.attributes,
                 .material = std::move(made.material),
                 .public_key = std::move(made.public_key)};
  return pair;
}

// With the generator the public number is agreed upon.
Outcome<bool> TokenKeyAgreer::raises_generator(Session& session, const KeyObject& object,
                                               const KeyRecord& key) {
  Bytes generator(key.public_key.size() - kDhGenerator.size());
  generator.insert(generator.end(), kDhGenerator.begin(), kDhGenerator.end());
  auto number = TRY(shared_number(session, object.handle, generator));
  return std::ranges::equal(number.reveal(), key.public_key);
}

Outcome<bool> TokenKeyAgreer::agrees_with_own_pair(Session& session, const KeyObject& object,
                                                   const KeyRecord& key) {
  auto own = TRY(software_pair(key));
  auto theirs = TRY(secret_of(session, object, key, own.public_key));
  auto ours = TRY(access_.software().key_agreer()->agree(own, kind_of(key), key.public_key));
  return ours == theirs;
}

Outcome<SecretBuffer> TokenKeyAgreer::agreed(Session& session, const KeyObject& object,
                                             const KeyRecord& key, ByteView peer) {
  if (!object.is_proven) TRY(prove(session, object, key));
  return secret_of(session, object, key, peer);
}

Outcome<> TokenKeyAgreer::prove(Session& session, const KeyObject& object, const KeyRecord& key) {
  bool is_proven = TRY(key.attributes.type.is_dh() ? raises_generator(session, object, key)
                                                   : agrees_with_own_pair(session, object, key));
  if (is_proven) {
    access_.objects().prove(key);
    return {};
  }
  access_.objects().forget(key);
  return fail(Status::PsaErrorCorruptionDetected,
              "the token's private key does not go with the recorded public key");
}

}  // namespace strongroom::pkcs11
