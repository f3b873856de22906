// Keys out of secrets that stay where they are.
#include "base/log.h"
#include "derive_key.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/key_changes.h"
#include "service/dispatch/handlers/use.h"

namespace strongroom {
namespace {

std::unexpected<Error> invalid(std::string_view why) {
  return fail(Status::PsaErrorInvalidArgument, std::string(why));
}

// Null where the algorithm derives nothing.
const psa::KeyDerivation* derivation_in(const psa::Algorithm& algorithm) {
  if (const auto* agreement = std::get_if<psa::KeyAgreement>(&algorithm))
    return agreement->derivation ? &*agreement->derivation : nullptr;
  return std::get_if<psa::KeyDerivation>(&algorithm);
}

// Of the algorithms that a policy may name, only some go with the operation.
Result<> check_derives(const psa::Algorithm& algorithm) {
  if (derivation_in(algorithm) != nullptr) return {};
  return fail(Status::PsaErrorNotPermitted,
              fmt::format("'{}' derives no keys", psa::to_string(algorithm)));
}

// PSA Crypto API 1.1, psa_key_derivation_input_bytes(): each input belongs to certain algorithms.
Result<> check_inputs(const ::derive_key::Operation& request, const psa::Algorithm& algorithm,
                      std::uint32_t bits) {
  if (bits == 0) return invalid("a key to derive needs a size");
  bool is_hkdf = derivation_in(algorithm)->kind == psa::KeyDerivation::Kind::Hkdf;
  if (is_hkdf && !(request.label().empty() && request.seed().empty()))
    return invalid("HKDF takes no label and no seed");
  if (!is_hkdf && !(request.salt().empty() && request.info().empty()))
    return invalid("derivation of TLS 1.2 takes no salt and no info");
  bool is_agreement = std::holds_alternative<psa::KeyAgreement>(algorithm);
  if (!is_agreement && !request.peer_key().empty())
    return invalid("derivation without an agreement takes no peer's key");
  return {};
}

DerivationInput input_in(const ::derive_key::Operation& request) {
  return {.salt = bytes_in(request.salt()),
          .info = bytes_in(request.info()),
          .label = bytes_in(request.label()),
          .seed = bytes_in(request.seed())};
}

Result<NewKey> derived(KeyDeriver& deriver, const KeyRecord& secret,
                       const psa::Algorithm& algorithm, const ::derive_key::Operation& request,
                       const psa::KeyAttributes& attributes) {
  const auto input = input_in(request);
  if (const auto* agreement = std::get_if<psa::KeyAgreement>(&algorithm))
    return deriver.agree_and_derive(secret, *agreement, bytes_in(request.peer_key()), input,
                                    attributes);
  return deriver.derive(secret, *derivation_in(algorithm), input, attributes);
}

Cost cost_of(const psa::KeyAttributes& secret, const psa::Algorithm& algorithm,
             const psa::KeyAttributes& attributes, std::size_t input) {
  Cost cost = cost_of_generation(attributes.type, attributes.bits) +
              cost_of_derivation(*derivation_in(algorithm), input, attributes.bits);
  if (std::holds_alternative<psa::KeyAgreement>(algorithm)) cost += cost_of_agreement(secret);
  return cost;
}

}  // namespace

Result<Work> derive_key(Planning& planning) {
  auto request = TRY(parsed<::derive_key::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Algorithm algorithm = TRY(decode(request.alg()));
  psa::KeyAttributes attributes = TRY(attributes_in(request));
  auto use = TRY(use_of_key(planning, facet(planning.provider().key_deriver(), "derives no keys"),
                            request.key_name(), &psa::UsageFlags::derive, algorithm));
  TRY(check_derives(algorithm));
  TRY(check_deprecation(attributes, planning.services()));
  TRY(policy::check_settings(attributes));
  KeyId id = TRY(planning.key_id(request.new_key_name()));
  Store& store = planning.services().store;
  TRY(in_context(store.check_free(id), "deriving key '{}'", escaped(id.name)));
  TRY(check_inputs(request, algorithm, attributes.bits));
  const Cost cost =
      cost_of(use.key->attributes, algorithm, attributes, planning.call().body.size());
  auto run = [use = std::move(use), &store, id = std::move(id), attributes,
              request = std::move(request)](Reply reply, const std::stop_token&) mutable {
    Result<NewKey> made =
        in_context(derived(*use.facet, *use.key, use.algorithm, request, attributes),
                   "deriving key '{}' from key '{}'", escaped(id.name), escaped(use.key->id.name));
    if (!made) return reply(std::unexpected(std::move(made).error()));
    store_new_key(store, id, *std::move(made), std::move(reply));
  };
  return Work{.cost = cost, .run = std::move(run)};
}

}  // namespace strongroom
