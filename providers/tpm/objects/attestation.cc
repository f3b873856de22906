#include "providers/tpm/objects/attestation.h"

#include <array>

namespace strongroom::tpm {

Outcome<SecretBuffer> activate_credential(const Secured& secured, const Authorized& key,
                                          const EndorsedBy& endorsed,
                                          const Credential& credential) {
  Command command{.name = "TPM2_ActivateCredential",
                  .code = TPM2_CC_ActivateCredential,
                  .entities = {key.entity, endorsed.key},
                  .protection = {.answer = true}};
  command.parameters.put(&Tss2_MU_TPM2B_ID_OBJECT_Marshal, credential.blob)
      .put(&Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal, credential.secret);
  const std::array by = {Authorization{secured.session, key.auth},
                         Authorization{endorsed.policy, {}}};
  auto answer = TRY(secured.channel.run(command, by));
  auto enclosed = TRY(answer.parameters.take(&Tss2_MU_TPM2B_DIGEST_Unmarshal));
  auto secret =
      SecretBuffer::copy_of(std::as_bytes(std::span(enclosed.buffer).first(enclosed.size)));
  wipe(std::as_writable_bytes(std::span(enclosed.buffer)));
  return TRY(std::move(secret));
}

}  // namespace strongroom::tpm
