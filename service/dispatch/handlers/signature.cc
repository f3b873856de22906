// Signatures over digests and over messages.
#include "psa_sign_hash.pb.h"
#include "psa_sign_message.pb.h"
#include "psa_verify_hash.pb.h"
#include "psa_verify_message.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"

namespace strongroom {
namespace {

template <typename Message>
Result<Use<Signer, psa::AsymmetricSignature>> prepare(Planning& planning, const Message& request,
                                                      policy::Usage usage) {
  TRY(require(request.has_alg(), "alg"));
  psa::AsymmetricSignature algorithm = TRY(decode(request.alg()));
  return use_of_key(planning, facet(planning.provider().signer(), "signs nothing"),
                    request.key_name(), usage, algorithm);
}

template <typename Message>
Result<Bytes> signature_body(Result<Bytes> signature, const KeyRecord& key) {
  Bytes bytes =
      TRY(in_context(std::move(signature), "signing with key '{}'", escaped(key.id.name)));
  Message result;
  result.set_signature(field_of(bytes));
  return serialized(result);
}

Result<Bytes> verified_body(Result<> verified, const KeyRecord& key) {
  return empty_body(
      in_context(std::move(verified), "verifying with key '{}'", escaped(key.id.name)));
}

}  // namespace

Result<Work> sign_hash(Planning& planning) {
  auto request = TRY(parsed<psa_sign_hash::Operation>(planning));
  auto use = TRY(prepare(planning, request, &psa::UsageFlags::sign_hash));
  TRY(policy::check_digest_size(use.algorithm, bytes_in(request.hash())));
  Cost cost = cost_of_private_operation(use.key->attributes);
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return signature_body<psa_sign_hash::Result>(
        use.facet->sign_hash(*use.key, use.algorithm, bytes_in(request.hash())), *use.key);
  });
}

Result<Work> verify_hash(Planning& planning) {
  auto request = TRY(parsed<psa_verify_hash::Operation>(planning));
  auto use = TRY(prepare(planning, request, &psa::UsageFlags::verify_hash));
  TRY(policy::check_digest_size(use.algorithm, bytes_in(request.hash())));
  Cost cost = cost_of_public_operation(use.key->attributes);
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return verified_body(use.facet->verify_hash(*use.key, use.algorithm, bytes_in(request.hash()),
                                                bytes_in(request.signature())),
                         *use.key);
  });
}

Result<Work> sign_message(Planning& planning) {
  auto request = TRY(parsed<psa_sign_message::Operation>(planning));
  auto use = TRY(prepare(planning, request, &psa::UsageFlags::sign_message));
  Cost cost = cost_of_private_operation(use.key->attributes) +
              cost_of_message(use.algorithm, use.key->attributes.bits, request.message().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return signature_body<psa_sign_message::Result>(
        use.facet->sign_message(*use.key, use.algorithm, bytes_in(request.message())), *use.key);
  });
}

Result<Work> verify_message(Planning& planning) {
  auto request = TRY(parsed<psa_verify_message::Operation>(planning));
  auto use = TRY(prepare(planning, request, &psa::UsageFlags::verify_message));
  Cost cost = cost_of_public_operation(use.key->attributes) +
              cost_of_message(use.algorithm, use.key->attributes.bits, request.message().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return verified_body(
        use.facet->verify_message(*use.key, use.algorithm, bytes_in(request.message()),
                                  bytes_in(request.signature())),
        *use.key);
  });
}

}  // namespace strongroom
