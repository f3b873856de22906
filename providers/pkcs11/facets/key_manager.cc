#include "providers/pkcs11/facets/key_manager.h"

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/pkcs11/objects/new_objects.h"

namespace strongroom::pkcs11 {
namespace {

KeyTemplates::Terms terms_for(const Access::Creation& creation, const Session& session,
                              const psa::KeyAttributes& attributes) {
  KeyTemplates::Terms terms;
  terms.label = creation.label;
  terms.always_authenticate = creation.always_authenticate;
  terms.quirks = session.connection.quirks;
  if (!session.connection.quirks.has(Quirk::NoAllowedMechanisms))
    terms.mechanisms = allowed_mechanisms(attributes);
  return terms;
}

// A public key must be one that software takes, whatever the token says.
Result<> check_public_key(Access& access, const psa::KeyAttributes& attributes,
                          const Bytes& public_key) {
  KeyRecord pair{.id = {}, .attributes = attributes, .material = {}, .public_key = {}};
  auto taken = access.software().keys()->import(public_half(pair).attributes, public_key);
  if (taken) return {};
  return fail(Status::PsaErrorHardwareFailure,
              "the token made a key that is none: " + taken.error().message());
}

// Runs `make` with a session and the key's templates. What an attempt that was cut off has left in
// the token goes before the next.
template <typename T, typename Make>
Outcome<T> make_objects(Access& access, const psa::KeyAttributes& attributes, const ObjectId& id,
                        Make make) {
  bool is_again = false;
  return access.token().run([&](Session& session) -> Outcome<T> {
    if (is_again) TRY(destroy_objects(session, id));
    is_again = true;
    const KeyTemplates templates(attributes, id, terms_for(access.creation(), session, attributes));
    return make(session, templates);
  });
}

}  // namespace

Result<> TokenKeyManager::check_new(const psa::KeyAttributes& attributes) {
  if (attributes.usage.may_export && !access_.creation().allow_export)
    return fail(Status::PsaErrorNotPermitted,
                "keys with the usage 'export' are made only where 'allow_export = true' is set");
  TRY(access_.capabilities().check_key(attributes.type, attributes.bits));
  auto has = TRY(access_.capabilities().mechanisms());
  if (has->is_writable()) return {};
  return fail(Status::PsaErrorNotPermitted, "the token is read-only");
}

Result<NewKey> TokenKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                         SecretBuffer material) {
  if (attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "public keys are not generated");
  TRY(check_new(attributes));
  TRY(access_.capabilities().check_generation(attributes));
  if (stop.stop_requested()) return fail(Status::PsaErrorGenericError, "stopped");
  auto own = TRY(material_or_new(std::move(material)));
  auto id = TRY(from_stored(own));
  Bytes public_key;
  if (attributes.type.is_key_pair()) {
    public_key = TRY(make_objects<Bytes>(access_, attributes, id, [&](auto& session, auto& terms) {
      return generate_pair(session, terms, attributes, id);
    }));
    TRY(check_generated(id, attributes, public_key));
  } else {
    TRY(make_objects<void>(access_, attributes, id, [&](auto& session, auto& terms) {
      return generate_secret(session, terms, attributes, id);
    }));
  }
  return NewKey{
      .attributes = attributes, .material = std::move(own), .public_key = std::move(public_key)};
}

Result<> TokenKeyManager::check_generated(const ObjectId& id, const psa::KeyAttributes& attributes,
                                          const Bytes& public_key) {
  auto checked = check_public_key(access_, attributes, public_key);
  if (checked) return {};
  std::ignore = access_.token().run([&](Session& session) { return destroy_objects(session, id); });
  return checked;
}

// Software checks all there is to check, which a token does not.
Result<NewKey> TokenKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                       SecretBuffer material) {
  TRY(check_new(attributes));
  auto checked = TRY(access_.software().keys()->import(attributes, data));
  TRY(access_.capabilities().check_key(attributes.type, checked.attributes.bits));
  auto own = TRY(material_or_new(std::move(material)));
  auto id = TRY(from_stored(own));
  TRY(make_objects<void>(access_, checked.attributes, id, [&](auto& session, auto& templates) {
    bool has_public_half = !session.connection.quirks.has(Quirk::NoPublicObjects);
    return create_objects(session, templates, checked, id, has_public_half);
  }));
  return NewKey{.attributes = checked.attributes,
                .material = std::move(own),
                .public_key = std::move(checked.public_key)};
}

Result<SecretBuffer> TokenKeyManager::export_key(const KeyRecord& key) {
  if (key.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key has nothing secret to export");
  if (!key.attributes.usage.may_export || !access_.creation().allow_export)
    return fail(Status::PsaErrorNotPermitted, "the key does not leave the token");
  return TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
    return exported(session, object.handle, key.attributes);
  }));
}

Result<> TokenKeyManager::destroy(const KeyRecord& key) {
  std::ignore = TRY(destroy_seen(key));
  return {};
}

Result<bool> TokenKeyManager::destroy_seen(const KeyRecord& key) {
  TRY(access_.software().keys()->destroy(key));
  if (key.material.is_empty()) return true;
  auto id = TRY(from_stored(key.material));
  access_.objects().forget(key);
  return TRY(access_.token().run([&](Session& session) {
    return is_foreign(key.material) ? destroy_foreign_pair(session, key)
                                    : destroy_objects(session, id);
  }));
}

Result<NewKey> TokenKeyManager::take_over(const ObjectId& id,
                                          const psa::KeyAttributes& attributes) {
  const psa::KeyType& type = attributes.type;
  if (!type.is_rsa() && !type.is_ecc())
    return fail(Status::PsaErrorNotSupported, "no such keys are taken over");
  if (type.is_key_pair()) TRY(access_.capabilities().check_key(type, attributes.bits));
  auto material = TRY(foreign_to_stored(id));
  auto public_key = TRY(access_.token().run(
      [&](Session& session) { return foreign_public_key(session, id, attributes); }));
  TRY(check_public_key(access_, attributes, public_key));
  if (type.is_public_key()) material = SecretBuffer();
  return NewKey{.attributes = attributes,
                .material = std::move(material),
                .public_key = std::move(public_key)};
}

}  // namespace strongroom::pkcs11
