// Many signatures with one key for one request: one look-up, one decision of the policy, one turn.
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"
#include "sign_batch.pb.h"

namespace strongroom {
namespace {

using SignerUse = Use<Signer, psa::AsymmetricSignature>;

constexpr int kMostEntries = 1024;

bool is_of_hashes(const ::sign_batch::Operation& request) {
  return !request.hashes().empty();
}

Result<> check_entries(const ::sign_batch::Operation& request,
                       const psa::AsymmetricSignature& algorithm) {
  if (request.hashes().empty() == request.messages().empty())
    return fail(Status::PsaErrorInvalidArgument, "a batch is of hashes or of messages");
  const int count = request.hashes_size() + request.messages_size();
  if (count > kMostEntries)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a batch of {} is more than {}", count, kMostEntries));
  for (const std::string& hash : request.hashes())
    TRY(policy::check_digest_size(algorithm, bytes_in(hash)));
  return {};
}

// At most, in the response: two numbers of an ECDSA signature may each have a byte more than the
// curve's field.
std::size_t size_of_answer(const ::sign_batch::Operation& request, const psa::KeyAttributes& key) {
  constexpr std::size_t kAround = 4;  // tag and length
  const std::size_t bytes = (key.bits + 7) / 8;
  const std::size_t signature = key.type.is_rsa() ? bytes : 2 * (bytes + 1);
  const auto count = static_cast<std::size_t>(request.hashes_size() + request.messages_size());
  return count * (signature + kAround);
}

Result<> check_answer_fits(std::size_t size, const Services& services) {
  if (size <= services.response_limit) return {};
  return fail(Status::ResponseTooLarge, fmt::format("{} bytes of signatures are more than {}", size,
                                                    services.response_limit));
}

Cost cost_of_batch(const ::sign_batch::Operation& request, const SignerUse& use) {
  Cost cost = (request.hashes_size() + request.messages_size()) *
              cost_of_private_operation(use.key->attributes);
  for (const std::string& message : request.messages())
    cost += cost_of_message(use.algorithm, use.key->attributes.bits, message.size());
  return cost;
}

Result<Bytes> signed_batch(const SignerUse& use, const ::sign_batch::Operation& request,
                           const std::stop_token& gone) {
  const bool hashes = is_of_hashes(request);
  ::sign_batch::Result result;
  for (const std::string& entry : hashes ? request.hashes() : request.messages()) {
    if (gone.stop_requested())
      return fail(Status::PsaErrorGenericError,
                  fmt::format("stopped after {} signatures", result.signatures_size()));
    Bytes signature =
        TRY(hashes ? use.facet->sign_hash(*use.key, use.algorithm, bytes_in(entry))
                   : use.facet->sign_message(*use.key, use.algorithm, bytes_in(entry)));
    result.add_signatures(field_of(signature));
  }
  return serialized(result);
}

}  // namespace

Result<Work> sign_batch(Planning& planning) {
  auto request = TRY(parsed<::sign_batch::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::AsymmetricSignature algorithm = TRY(decode(request.alg()));
  const auto usage =
      is_of_hashes(request) ? &psa::UsageFlags::sign_hash : &psa::UsageFlags::sign_message;
  auto use = TRY(use_of_key(planning, facet(planning.provider().signer(), "signs nothing"),
                            request.key_name(), usage, algorithm));
  TRY(check_entries(request, algorithm));
  TRY(check_answer_fits(size_of_answer(request, use.key->attributes), planning.services()));
  const Cost cost = cost_of_batch(request, use);
  auto run = [use = std::move(use), request = std::move(request)](Reply reply,
                                                                  const std::stop_token& gone) {
    reply(in_context(signed_batch(use, request, gone), "signing with key '{}'",
                     escaped(use.key->id.name)));
  };
  return Work{.cost = cost, .run = std::move(run)};
}

}  // namespace strongroom
