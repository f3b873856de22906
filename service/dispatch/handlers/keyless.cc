// Hashes and random: operations that need no key and no identity.
#include "psa_generate_random.pb.h"
#include "psa_hash_compare.pb.h"
#include "psa_hash_compute.pb.h"
#include "service/dispatch/handlers/digests.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/message.h"

namespace strongroom {
namespace {

constexpr std::string_view kHashesNothing = "hashes nothing";

}  // namespace

Result<Work> hash_compute(Planning& planning) {
  auto request = TRY(parsed<psa_hash_compute::Operation>(planning));
  psa::Hash algorithm = TRY(decode(request.alg()));
  Hasher* hasher = TRY(facet(planning.provider().hasher(), kHashesNothing));
  Cost cost = cost_of_hash(algorithm, request.input().size());
  return answered_by(cost, [hasher, algorithm, request = std::move(request)]() -> Result<Bytes> {
    Bytes digest = TRY(hasher->compute(algorithm, bytes_in(request.input())));
    psa_hash_compute::Result result;
    result.set_hash(field_of(digest));
    return serialized(result);
  });
}

Result<Work> hash_compare(Planning& planning) {
  auto request = TRY(parsed<psa_hash_compare::Operation>(planning));
  psa::Hash algorithm = TRY(decode(request.alg()));
  Hasher* hasher = TRY(facet(planning.provider().hasher(), kHashesNothing));
  Cost cost = cost_of_hash(algorithm, request.input().size());
  return answered_by(cost, [hasher, algorithm, request = std::move(request)]() -> Result<Bytes> {
    Bytes digest = TRY(hasher->compute(algorithm, bytes_in(request.input())));
    return empty_body(compare_digests(digest, bytes_in(request.hash())));
  });
}

Result<Work> generate_random(Planning& planning) {
  auto request = TRY(parsed<psa_generate_random::Operation>(planning));
  RandomSource* random = TRY(facet(planning.provider().random(), "has no random source"));
  std::size_t limit = planning.services().response_limit;
  if (request.size() > limit)
    return fail(Status::ResponseTooLarge,
                fmt::format("{} random bytes are more than {}", request.size(), limit));
  return answered_by(cost_of_bytes(request.size()),
                     [random, size = request.size()]() -> Result<Bytes> {
                       SecretBuffer bytes = TRY(random->generate(size));
                       psa_generate_random::Result result;
                       result.set_random_bytes(field_of(bytes.reveal()));
                       return serialized(result);
                     });
}

}  // namespace strongroom
