// Making, importing, exporting and destroying keys, and asking what could be made.
#include <algorithm>

#include "base/log.h"
#include "base/log_gate.h"
#include "can_do_crypto.pb.h"
#include "psa_destroy_key.pb.h"
#include "psa_export_key.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_import_key.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/key_changes.h"
#include "service/dispatch/handlers/message.h"
#include "service/dispatch/handlers/use.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom {
namespace {

constexpr std::string_view kManagesNoKeys = "manages no keys";
constexpr std::string_view kWrapsNoKeys = "wraps no keys";

void warn_of_deprecated(const KeyId& id, const psa::KeyAttributes& attributes) {
  static LogGate gate;
  if (auto suppressed = gate.pass())
    log::warning("dispatch", "importing deprecated key '{}': '{}' with '{}' suppressed={}",
                 escaped(id.name), psa::to_string(attributes.type, attributes.bits),
                 psa::to_string(attributes.algorithm), *suppressed);
}

// What the service itself refuses is no capability of its providers', so that the answer is what
// really happens: key types that are not made, and a kind of decryption that is switched off.
Result<> check_service_allows(Capability capability, psa::KeyAttributes& attributes,
                              const Services& services) {
  bool makes_a_key = capability == Capability::Generate || capability == Capability::Derive;
  if (makes_a_key && !check_deprecation(attributes, services))
    return fail(Status::PsaErrorNotSupported, "deprecated primitives are not generated");
  const auto* encryption = std::get_if<psa::AsymmetricEncryption>(&attributes.algorithm);
  if (encryption != nullptr && encryption->kind == psa::AsymmetricEncryption::Kind::RsaPkcs1v15 &&
      !services.rsa_pkcs1v15_decryption)
    attributes.usage.decrypt = false;
  return {};
}

// Of the operations that a client without extensions has, none derives a key.
Result<> check_client_derives(const Call& call, Capability capability,
                              const psa::Algorithm& algorithm) {
  const auto* agreement = std::get_if<psa::KeyAgreement>(&algorithm);
  bool is_for_derivation = capability == Capability::Derive ||
                           std::holds_alternative<psa::KeyDerivation>(algorithm) ||
                           (agreement != nullptr && agreement->derivation);
  if (call.extended || !is_for_derivation) return {};
  return fail(Status::PsaErrorNotSupported, "only extensions derive keys");
}

// InvalidEncoding for a check that is none.
Result<Capability> capability_in(const can_do_crypto::Operation& request) {
  switch (request.check_type()) {
    case can_do_crypto::USE: return Capability::Use;
    case can_do_crypto::GENERATE: return Capability::Generate;
    case can_do_crypto::IMPORT: return Capability::Import;
    case can_do_crypto::DERIVE: return Capability::Derive;
    default: return fail(Status::InvalidEncoding, "mandatory field 'check_type' is missing");
  }
}

}  // namespace

Result<Work> generate_key(Planning& planning) {
  auto request = TRY(parsed<psa_generate_key::Operation>(planning));
  psa::KeyAttributes attributes = TRY(attributes_in(request));
  std::ignore = TRY(planning.application());
  KeyManager* keys = TRY(facet(planning.provider().keys(), kManagesNoKeys));
  TRY(check_deprecation(attributes, planning.services()));
  TRY(policy::check_settings(attributes));
  KeyId id = TRY(planning.key_id(request.key_name()));
  Store& store = planning.services().store;
  TRY(in_context(store.check_free(id), "generating key '{}'", escaped(id.name)));
  auto make = [keys, attributes](SecretBuffer material, std::stop_token stop) {
    return keys->generate(attributes, std::move(stop), std::move(material));
  };
  return work_that_makes(planning, {.id = std::move(id),
                                    .attributes = attributes,
                                    .doing = "generating",
                                    .make = std::move(make),
                                    .cost = cost_of_generation(attributes.type, attributes.bits)});
}

Result<Work> import_key(Planning& planning) {
  auto request = TRY(parsed<psa_import_key::Operation>(planning));
  psa::KeyAttributes attributes = TRY(attributes_in(request));
  KeyId id = TRY(planning.key_id(request.key_name()));
  KeyManager* keys = TRY(facet(planning.provider().keys(), kManagesNoKeys));
  TRY(policy::check_settings(attributes));
  if (policy::is_deprecated(attributes)) warn_of_deprecated(id, attributes);
  Store& store = planning.services().store;
  TRY(in_context(store.check_free(id), "importing key '{}'", escaped(id.name)));
  Cost cost = cost_of_import(attributes.type, request.data().size());
  auto make = [keys, attributes, request = std::move(request)](SecretBuffer material,
                                                               const std::stop_token&) {
    return keys->import(attributes, bytes_in(request.data()), std::move(material));
  };
  return work_that_makes(planning, {.id = std::move(id),
                                    .attributes = attributes,
                                    .doing = "importing",
                                    .make = std::move(make),
                                    .cost = cost});
}

Result<Work> export_key(Planning& planning) {
  auto request = TRY(parsed<psa_export_key::Operation>(planning));
  std::ignore = TRY(planning.application());
  KeyManager* keys = TRY(facet(planning.provider().keys(), kManagesNoKeys));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  TRY(in_context(policy::check_export(key->attributes), "exporting key '{}'",
                 escaped(key->id.name)));
  return answered_by(kTrivialCost, [keys, key]() -> Result<Bytes> {
    psa_export_key::Result result;
    if (key->attributes.type.is_public_key()) {
      result.set_data(field_of(key->public_key));
      return serialized(result);
    }
    SecretBuffer secret = TRY(keys->export_key(*key));
    result.set_data(field_of(secret.reveal()));
    return serialized(result);
  });
}

Result<Work> wrap_key(Planning& planning) {
  auto request = TRY(parsed<::wrap_key::Operation>(planning));
  psa::KeyWrap algorithm = TRY(decode(request.alg()));
  std::ignore = TRY(planning.application());
  KeyWrapper* wrapper = TRY(facet(planning.provider().key_wrapper(), kWrapsNoKeys));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  auto use = TRY(use_of_key(planning, Result<KeyWrapper*>(wrapper), request.wrapping_key_name(),
                            &psa::UsageFlags::wrap, algorithm));
  TRY(in_context(policy::check_export(key->attributes), "wrapping key '{}'",
                 escaped(key->id.name)));
  Cost cost = cost_of_public_operation(use.key->attributes) +
              cost_of_key_wrap(std::max(key->material.size(), key->public_key.size()));
  return answered_by(cost, [use = std::move(use), key]() -> Result<Bytes> {
    Bytes wrapped = TRY(in_context(use.facet->wrap(*use.key, use.algorithm, *key),
                                   "wrapping key '{}'", escaped(key->id.name)));
    ::wrap_key::Result result;
    result.set_wrapped_key(field_of(wrapped));
    return serialized(result);
  });
}

// An import of data that only the service gets to see.
Result<Work> unwrap_key(Planning& planning) {
  auto request = TRY(parsed<::unwrap_key::Operation>(planning));
  psa::KeyAttributes attributes = TRY(attributes_in(request));
  psa::KeyWrap algorithm = TRY(decode(request.alg()));
  KeyId id = TRY(planning.key_id(request.key_name()));
  KeyWrapper* wrapper = TRY(facet(planning.provider().key_wrapper(), kWrapsNoKeys));
  TRY(policy::check_settings(attributes));
  if (policy::is_deprecated(attributes)) warn_of_deprecated(id, attributes);
  Store& store = planning.services().store;
  TRY(in_context(store.check_free(id), "unwrapping key '{}'", escaped(id.name)));
  auto use = TRY(use_of_key(planning, Result<KeyWrapper*>(wrapper), request.unwrapping_key_name(),
                            &psa::UsageFlags::unwrap, algorithm));
  const std::size_t size = request.wrapped_key().size();
  Cost cost = cost_of_private_operation(use.key->attributes) + cost_of_key_wrap(size) +
              cost_of_import(attributes.type, size);
  auto run = [&store, use = std::move(use), id = std::move(id), attributes,
              request = std::move(request)](Reply reply, const std::stop_token&) mutable {
    Result<NewKey> made = in_context(
        use.facet->unwrap(*use.key, use.algorithm, bytes_in(request.wrapped_key()), attributes),
        "unwrapping key '{}'", escaped(id.name));
    if (!made) return reply(std::unexpected(std::move(made).error()));
    store_new_key(store, id, *std::move(made), std::move(reply));
  };
  return Work{.cost = cost, .run = std::move(run)};
}

Result<Work> export_public_key(Planning& planning) {
  auto request = TRY(parsed<psa_export_public_key::Operation>(planning));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  const psa::KeyType& type = key->attributes.type;
  if (!type.is_key_pair() && !type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("key '{}' has no public part", escaped(key->id.name)));
  return answered_from_memory([key] {
    psa_export_public_key::Result result;
    result.set_data(field_of(key->public_key));
    return serialized(result);
  });
}

Result<Work> destroy_key(Planning& planning) {
  auto request = TRY(parsed<psa_destroy_key::Operation>(planning));
  KeyRecordPtr key = TRY(planning.key(request.key_name()));
  auto run = [services = planning.generation(), account = planning.call().account, key](
                 Reply reply, const std::stop_token&) {
    destroy(services, account, key, [key, reply = std::move(reply)](Result<> destroyed) mutable {
      reply(empty_body(
          in_context(std::move(destroyed), "destroying key '{}'", escaped(key->id.name))));
    });
  };
  return Work{.cost = kStoreChangeCost, .run = std::move(run)};
}

Result<Work> can_do_crypto(Planning& planning) {
  auto request = TRY(parsed<can_do_crypto::Operation>(planning));
  Capability capability = TRY(capability_in(request));
  psa::KeyAttributes attributes = TRY(attributes_in(request));
  std::ignore = TRY(planning.application());
  TRY(check_client_derives(planning.call(), capability, attributes.algorithm));
  TRY(check_service_allows(capability, attributes, planning.services()));
  const Provider& provider = planning.provider();
  return answered_by(kTrivialCost, [&provider, capability, attributes] {
    return empty_body(provider.supports(capability, attributes));
  });
}

}  // namespace strongroom
