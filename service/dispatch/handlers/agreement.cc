#include "psa_raw_key_agreement.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"

namespace strongroom {

Result<Work> raw_key_agreement(Planning& planning) {
  auto request = TRY(parsed<psa_raw_key_agreement::Operation>(planning));
  psa::RawKeyAgreement algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().key_agreer(), "agrees on no keys"),
                            request.private_key_name(), &psa::UsageFlags::derive,
                            psa::KeyAgreement{.raw = algorithm, .derivation = {}}));
  Cost cost = cost_of_agreement(use.key->attributes);
  return answered_by(cost, [use = std::move(use), request = std::move(request)]() -> Result<Bytes> {
    SecretBuffer secret =
        TRY(in_context(use.facet->agree(*use.key, use.algorithm.raw, bytes_in(request.peer_key())),
                       "agreeing with key '{}'", escaped(use.key->id.name)));
    psa_raw_key_agreement::Result result;
    result.set_shared_secret(field_of(secret.reveal()));
    return serialized(result);
  });
}

}  // namespace strongroom
