#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {
namespace {

std::unexpected<TpmError> too_long(const char* command) {
  return std::unexpected(
      tpm_refusal(command, TSS2_MU_RC_BAD_SIZE, Status::PsaErrorInvalidArgument));
}

// TPM2_Create and TPM2_CreatePrimary take the same: what is secret, what is public, nothing from
// outside, no PCRs. Without data the TPM makes the key. TPM2B_SENSITIVE_CREATE is written by hand
// (TPM 2.0 r1.59 Part 2 §11.1.16), so that what it holds is nowhere but in the command.
void put_new_object(Writer& parameters, const TPMT_PUBLIC& area, ByteView auth, ByteView data) {
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = area};
  parameters.put(static_cast<UINT16>(2 * sizeof(UINT16) + auth.size() + data.size()));
  put_sized(parameters, auth);
  put_sized(parameters, data);
  parameters.put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area)
      .put(&Tss2_MU_TPM2B_DATA_Marshal, TPM2B_DATA{})
      .put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, TPML_PCR_SELECTION{});
}

}  // namespace

Outcome<SecretBuffer> take_secret(Reader& parameters) {
  auto bytes = TRY(parameters.take_sized());
  auto secret = SecretBuffer::copy_of(bytes);
  wipe(bytes);
  return TRY(std::move(secret));
}

void put_sized(Writer& parameters, ByteView bytes) {
  parameters.put(static_cast<UINT16>(bytes.size())).put(bytes);
}

Outcome<> startup(Channel& channel) {
  Command command{.name = "TPM2_Startup", .code = TPM2_CC_Startup};
  command.parameters.put(UINT16{TPM2_SU_CLEAR});
  TRY(channel.run(command));
  return {};
}

Outcome<Primary> create_primary(const Secured& secured, const Authorized& hierarchy,
                                const TPMT_PUBLIC& area, ByteView auth) {
  Command command{.name = "TPM2_CreatePrimary",
                  .code = TPM2_CC_CreatePrimary,
                  .entities = {hierarchy.entity},
                  .answer_handle = AnswerHandle::One,
                  .patience = Patience::Long,
                  .protection = {.command = !auth.empty()}};
  put_new_object(command.parameters, area, auth, {});
  auto answer = TRY(secured.channel.run(command, secured.session, hierarchy.auth));
  FlushedHandle made(secured.channel, answer.handle);
  auto public_area = TRY(answer.parameters.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal));
  made.abandon();
  return Primary{answer.handle, public_area.publicArea};
}

Outcome<KeyBlob> create(const Secured& secured, const Entity& parent, const TPMT_PUBLIC& area,
                        ByteView auth, ByteView data) {
  Command command{.name = "TPM2_Create",
                  .code = TPM2_CC_Create,
                  .entities = {parent},
                  .patience = Patience::Long,
                  .protection = {.command = true}};
  put_new_object(command.parameters, area, auth, data);
  auto answer = TRY(secured.channel.run(command, secured.session, {}));
  KeyBlob blob{};
  blob.private_area = TRY(answer.parameters.take(&Tss2_MU_TPM2B_PRIVATE_Unmarshal));
  blob.public_area = TRY(answer.parameters.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal));
  return blob;
}

Outcome<TPM2B_PRIVATE> import(const Secured& secured, const Entity& parent,
                              const Duplicate& duplicate) {
  Command command{.name = "TPM2_Import", .code = TPM2_CC_Import, .entities = {parent}};
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = duplicate.public_area};
  TPMT_SYM_DEF_OBJECT no_inner_wrapper{};
  no_inner_wrapper.algorithm = TPM2_ALG_NULL;
  command.parameters.put(&Tss2_MU_TPM2B_DATA_Marshal, TPM2B_DATA{})
      .put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area)
      .put(&Tss2_MU_TPM2B_PRIVATE_Marshal, duplicate.private_area)
      .put(&Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal, duplicate.seed)
      .put(&Tss2_MU_TPMT_SYM_DEF_OBJECT_Marshal, no_inner_wrapper);
  auto answer = TRY(secured.channel.run(command, secured.session, {}));
  return answer.parameters.take(&Tss2_MU_TPM2B_PRIVATE_Unmarshal);
}

Outcome<TPM2_HANDLE> load(const Secured& secured, const Entity& parent, const KeyBlob& blob) {
  Command command{.name = "TPM2_Load",
                  .code = TPM2_CC_Load,
                  .entities = {parent},
                  .answer_handle = AnswerHandle::One};
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = blob.public_area.publicArea};
  command.parameters.put(&Tss2_MU_TPM2B_PRIVATE_Marshal, blob.private_area)
      .put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area);
  auto answer = TRY(secured.channel.run(command, secured.session, {}));
  return answer.handle;
}

Outcome<TPMT_SIGNATURE> sign(const Secured& secured, const Authorized& key, ByteView digest,
                             const TPMT_SIG_SCHEME& scheme) {
  Command command{.name = "TPM2_Sign", .code = TPM2_CC_Sign, .entities = {key.entity}};
  TPM2B_DIGEST hash{};
  if (!assign(hash, digest)) return too_long(command.name);
  // Only restricted keys want a proof that the TPM made the digest.
  TPMT_TK_HASHCHECK no_ticket{};
  no_ticket.tag = TPM2_ST_HASHCHECK;
  no_ticket.hierarchy = TPM2_RH_NULL;
  command.parameters.put(&Tss2_MU_TPM2B_DIGEST_Marshal, hash)
      .put(&Tss2_MU_TPMT_SIG_SCHEME_Marshal, scheme)
      .put(&Tss2_MU_TPMT_TK_HASHCHECK_Marshal, no_ticket);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  return answer.parameters.take(&Tss2_MU_TPMT_SIGNATURE_Unmarshal);
}

Outcome<SecretBuffer> rsa_decrypt(const Secured& secured, const Authorized& key,
                                  ByteView ciphertext, const TPMT_RSA_DECRYPT& scheme,
                                  ByteView label) {
  Command command{.name = "TPM2_RSA_Decrypt",
                  .code = TPM2_CC_RSA_Decrypt,
                  .entities = {key.entity},
                  .protection = {.answer = true}};
  TPM2B_PUBLIC_KEY_RSA data{};
  TPM2B_DATA oaep_label{};
  if (!assign(data, ciphertext) || !assign(oaep_label, label)) return too_long(command.name);
  command.parameters.put(&Tss2_MU_TPM2B_PUBLIC_KEY_RSA_Marshal, data)
      .put(&Tss2_MU_TPMT_RSA_DECRYPT_Marshal, scheme)
      .put(&Tss2_MU_TPM2B_DATA_Marshal, oaep_label);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  return take_secret(answer.parameters);
}

Outcome<SecretBuffer> ecdh_z(const Secured& secured, const Authorized& key, ByteView x,
                             ByteView y) {
  Command command{.name = "TPM2_ECDH_ZGen",
                  .code = TPM2_CC_ECDH_ZGen,
                  .entities = {key.entity},
                  .protection = {.answer = true}};
  TPM2B_ECC_POINT peer{};
  if (!assign(peer.point.x, x) || !assign(peer.point.y, y)) return too_long(command.name);
  command.parameters.put(&Tss2_MU_TPM2B_ECC_POINT_Marshal, peer);
  auto answer = TRY(secured.channel.run(command, secured.session, key.auth));
  TRY(answer.parameters.take(&Tss2_MU_UINT16_Unmarshal));  // of the point; its numbers have theirs
  auto x_of_z = TRY(take_secret(answer.parameters));
  auto y_of_z = TRY(answer.parameters.take_sized());
  wipe(y_of_z);
  return x_of_z;
}

Outcome<SecretBuffer> draw_random(const Secured& secured, std::size_t most) {
  Command command{
      .name = "TPM2_GetRandom", .code = TPM2_CC_GetRandom, .protection = {.answer = true}};
  constexpr std::size_t kMost = sizeof(TPMU_HA);
  command.parameters.put(static_cast<UINT16>(std::min(most, kMost)));
  auto answer = TRY(secured.channel.run(command, secured.session, {}));
  auto drawn = TRY(take_secret(answer.parameters));
  if (drawn.is_empty() || drawn.size() > most)
    return std::unexpected(malformed_answer(command.name, "not as many bytes as asked for"));
  return drawn;
}

Outcome<Bytes> save_context(Channel& channel, TPM2_HANDLE handle) {
  Command command{
      .name = "TPM2_ContextSave", .code = TPM2_CC_ContextSave, .entities = {{handle, {}}}};
  auto answer = TRY(channel.run(command));
  auto context = TRY(answer.parameters.take(&Tss2_MU_TPMS_CONTEXT_Unmarshal));
  Writer kept;
  kept.put(&Tss2_MU_TPMS_CONTEXT_Marshal, context);
  if (!kept.is_sound()) return std::unexpected(tpm_error(command.name, kept.code()));
  return copy_of(kept.view());
}

Outcome<TPM2_HANDLE> load_context(Channel& channel, ByteView context) {
  Command command{
      .name = "TPM2_ContextLoad", .code = TPM2_CC_ContextLoad, .answer_handle = AnswerHandle::One};
  command.parameters.put(context);
  auto answer = TRY(channel.run(command));
  return answer.handle;
}

Outcome<CapabilityStep> capability(Channel& channel, TPM2_CAP kind, UINT32 first, UINT32 count) {
  Command command{.name = "TPM2_GetCapability", .code = TPM2_CC_GetCapability};
  command.parameters.put(kind).put(first).put(count);
  auto answer = TRY(channel.run(command));
  auto more = TRY(answer.parameters.take(&Tss2_MU_UINT8_Unmarshal));
  auto data = TRY(answer.parameters.take(&Tss2_MU_TPMS_CAPABILITY_DATA_Unmarshal));
  if (data.capability != kind)
    return std::unexpected(malformed_answer(command.name, "another capability"));
  return CapabilityStep{data.data, more == TPM2_YES};
}

Outcome<> test_parameters(Channel& channel, const TPMT_PUBLIC_PARMS& parameters) {
  Command command{.name = "TPM2_TestParms", .code = TPM2_CC_TestParms};
  command.parameters.put(&Tss2_MU_TPMT_PUBLIC_PARMS_Marshal, parameters);
  TRY(channel.run(command));
  return {};
}

}  // namespace strongroom::tpm
