#include "providers/tpm/objects/symmetric_commands.h"

namespace strongroom::tpm {

Outcome<SecretBuffer> mac(const Secured& secured, const Authorized& key, TPM2_ALG_ID algorithm,
                          ByteView input) {
  Command command{.name = "TPM2_MAC",
                  .code = TPM2_CC_HMAC,
                  .entities = {key.entity},
                  .protection = {.answer = true}};
  put_sized(command.parameters, input);
  command.parameters.put(algorithm);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  return take_secret(answer.parameters);
}

Outcome<TPM2_HANDLE> start_mac(const Secured& secured, const Authorized& key,
                               TPM2_ALG_ID algorithm) {
  Command command{.name = "TPM2_MAC_Start",
                  .code = TPM2_CC_HMAC_Start,
                  .entities = {key.entity},
                  .answer_handle = AnswerHandle::One,
                  .protection = {.command = true}};
  put_sized(command.parameters, key.auth);
  command.parameters.put(algorithm);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  return answer.handle;
}

Outcome<> update_sequence(const Secured& secured, const Authorized& sequence, ByteView input) {
  Command command{
      .name = "TPM2_SequenceUpdate", .code = TPM2_CC_SequenceUpdate, .entities = {sequence.entity}};
  put_sized(command.parameters, input);
  TRY(secured.channel.run(command, secured.session, sequence.auth));
  return {};
}

Outcome<SecretBuffer> complete_sequence(const Secured& secured, const Authorized& sequence,
                                        ByteView input) {
  Command command{.name = "TPM2_SequenceComplete",
                  .code = TPM2_CC_SequenceComplete,
                  .entities = {sequence.entity},
                  .protection = {.answer = true}};
  put_sized(command.parameters, input);
  command.parameters.put(TPM2_RH_NULL);  // nobody needs a proof that the TPM made it
  auto answer = TRY(secured.channel.run(command, secured.session, sequence.auth));
  return take_secret(answer.parameters);
}

Outcome<Chained> encrypt_decrypt(const Secured& secured, const Authorized& key,
                                 const BlockCipher& cipher, ByteView iv, ByteView input) {
  Command command{.name = "TPM2_EncryptDecrypt2",
                  .code = TPM2_CC_EncryptDecrypt2,
                  .entities = {key.entity},
                  .protection = cipher.protection};
  put_sized(command.parameters, input);
  command.parameters.put(static_cast<BYTE>(cipher.direction)).put(cipher.mode);
  put_sized(command.parameters, iv);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  Chained chained;
  chained.output = TRY(take_secret(answer.parameters));
  auto next_iv = TRY(answer.parameters.take_sized());
  if (chained.output.size() != input.size() || next_iv.size() != iv.size())
    return std::unexpected(malformed_answer(command.name, "another length than was sent"));
  chained.iv = copy_of(next_iv);
  return chained;
}

}  // namespace strongroom::tpm
