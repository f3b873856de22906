#include "providers/token_worker/daemon/offers.h"

namespace strongroom::token_worker {
namespace {

std::unexpected<Error> not_offered(const std::string& what) {
  return fail(Status::PsaErrorNotSupported, "the token does not offer " + what);
}

}  // namespace

Result<> Offers::check(const KeyRecord& key, const psa::Algorithm& algorithm) {
  psa::KeyAttributes asked = key.attributes;
  asked.algorithm = algorithm;
  asked.usage = {.encrypt = true,
                 .decrypt = true,
                 .sign_message = true,
                 .verify_message = true,
                 .sign_hash = true,
                 .verify_hash = true};
  std::string what =
      fmt::format("'{}' with '{}'", to_string(asked.type, asked.bits), to_string(algorithm));
  {
    std::lock_guard lock(mutex_);
    if (const auto known = known_.find(what); known != known_.end())
      return known->second ? Result<>() : not_offered(what);
  }
  Result<> answer = pool_.call<Operation::Supports>(Capability::Use, asked);
  if (!answer && answer.error().status() != Status::PsaErrorNotSupported) return answer;
  std::lock_guard lock(mutex_);
  known_.emplace(std::move(what), answer.has_value());
  return answer;
}

}  // namespace strongroom::token_worker
