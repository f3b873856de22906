#include "providers/tpm/objects/policies.h"

#include "providers/tpm/objects/names.h"

namespace strongroom::tpm {

Entity entity_of(const HmacSession& policy) {
  return {policy.handle(), name_of(policy.handle())};
}

// For this session alone only if it named the session's nonce, which our sessions need not: they
// are used once and ended.
Outcome<> policy_secret(const Secured& secured, const Authorized& entity,
                        const HmacSession& policy) {
  Command command{.name = "TPM2_PolicySecret",
                  .code = TPM2_CC_PolicySecret,
                  .entities = {entity.entity, entity_of(policy)}};
  const UINT32 never_expires = 0;
  command.parameters.put(&Tss2_MU_TPM2B_NONCE_Marshal, TPM2B_NONCE{})
      .put(&Tss2_MU_TPM2B_DIGEST_Marshal, TPM2B_DIGEST{})
      .put(&Tss2_MU_TPM2B_NONCE_Marshal, TPM2B_NONCE{})
      .put(never_expires);
  TRY(secured.channel.run(command, secured.session, entity.auth));
  return {};
}

Outcome<Digest> policy_digest(Channel& channel, HmacSession& policy) {
  Command command{.name = "TPM2_PolicyGetDigest",
                  .code = TPM2_CC_PolicyGetDigest,
                  .entities = {entity_of(policy)},
                  .protection = {.answer = true}};
  auto answer = TRY(channel.run(command, policy, {}));
  auto digest = TRY(answer.parameters.take_sized());
  Digest result{};
  if (digest.size() != result.size())
    return std::unexpected(malformed_answer(command.name, "a digest of another size"));
  std::ranges::copy(digest, result.begin());
  return result;
}

}  // namespace strongroom::tpm
