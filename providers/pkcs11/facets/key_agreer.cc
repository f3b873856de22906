#include "providers/pkcs11/facets/key_agreer.h"

#include <algorithm>

#include "providers/pkcs11/objects/public_keys.h"
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

Outcome<SecretBuffer> padded(SecretBuffer x, std::size_t size) {
  if (x.size() == size) return x;
  if (x.size() > size || x.is_empty())
    return std::unexpected(malformed_answer("C_DeriveKey", "a secret of another size"));
  auto wide = TRY(SecretBuffer::of_size(size));
  std::ranges::copy(x.reveal(), wide.reveal_mutable().last(x.size()).begin());
  return wide;
}

// PKCS#11 v2.40 §2.3.7: the secret is a key that goes with the session, and shows itself.
Outcome<CK_OBJECT_HANDLE> derived(Session& session, const KeyObject& object, ByteView peer,
                                  std::size_t size) {
  Bytes point =
      session.connection.quirks.has(Quirk::WrappedPeers) ? wrapped_point(peer) : copy_of(peer);
  CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, static_cast<CK_ULONG>(point.size()),
                                    octets(MutableByteView(point))};
  CK_MECHANISM mechanism = mechanism_with(CKM_ECDH1_DERIVE, parameters);
  Template secret;
  secret.add(CKA_CLASS, CK_ULONG{CKO_SECRET_KEY})
      .add(CKA_KEY_TYPE, CK_ULONG{CKK_GENERIC_SECRET})
      .add(CKA_VALUE_LEN, static_cast<CK_ULONG>(size))
      .add(CKA_TOKEN, false)
      .add(CKA_SENSITIVE, false)
      .add(CKA_EXTRACTABLE, true);
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  TRY(outcome_of("C_DeriveKey", session.functions.call<&CK_FUNCTION_LIST::C_DeriveKey>(
                                    session.handle, &mechanism, object.handle, secret.data(),
                                    secret.size(), &handle)));
  return handle;
}

Outcome<SecretBuffer> shared_secret(Session& session, const KeyObject& object, ByteView peer,
                                    std::size_t size) {
  auto handle = TRY(derived(session, object, peer, size));
  const SessionObject secret(session, handle);
  auto x = TRY(secret_attribute(session, secret.handle(), CKA_VALUE, size));
  return padded(std::move(x), size);
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
  return shared_secret(session, object, peer, field_size(key));
}

Outcome<> TokenKeyAgreer::prove(Session& session, const KeyObject& object, const KeyRecord& key) {
  psa::KeyAttributes attributes = key.attributes;
  attributes.type.kind = Kind::EccKeyPair;
  auto own = TRY(access_.software().keys()->generate(attributes, {}));
  auto theirs = TRY(shared_secret(session, object, own.public_key, field_size(key)));
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
