#include "providers/tpm/objects/attestation.h"

#include <array>
#include <bit>

namespace strongroom::tpm {
namespace {

// What a credential can be to a TPM that is not the one it was made for, or for that key, or that
// somebody has altered on the way: TPM 2.0 r1.59 Part 3 §12.5 and what unmarshalling says. libtpms
// says FAILURE of a secret with wrong padding, as if it had failed for good; but a TPM that has
// draws no random bytes any more (Part 1 §10.4).
bool is_of_the_credential(const Secured& secured, TSS2_RC code) {
  constexpr std::array kCodes = {TPM2_RC_INTEGRITY,    TPM2_RC_VALUE, TPM2_RC_SIZE,
                                 TPM2_RC_INSUFFICIENT, TPM2_RC_HASH,  TPM2_RC_BINDING};
  return std::ranges::find(kCodes, code) != kCodes.end() ||
         (code == TPM2_RC_FAILURE && draw_random(secured, 1).has_value());
}

Outcome<> put_question(Writer& parameters, ByteView qualifying_data) {
  TPM2B_DATA data{};
  if (!assign(data, qualifying_data))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("qualifying data of {} bytes", qualifying_data.size()));
  TPMT_SIG_SCHEME as_the_key_has{};
  as_the_key_has.scheme = TPM2_ALG_NULL;
  parameters.put(&Tss2_MU_TPM2B_DATA_Marshal, data)
      .put(&Tss2_MU_TPMT_SIG_SCHEME_Marshal, as_the_key_has);
  return {};
}

Outcome<SignedStatement> statement_in(Answer& answer) {
  SignedStatement statement{};
  statement.attest = TRY(answer.parameters.take(&Tss2_MU_TPM2B_ATTEST_Unmarshal));
  statement.signature = TRY(answer.parameters.take(&Tss2_MU_TPMT_SIGNATURE_Unmarshal));
  TRY(answer.parameters.end());
  return statement;
}

std::size_t count_of(const TPML_PCR_SELECTION& selection) {
  std::size_t count = 0;
  for (UINT32 i = 0; i < selection.count; ++i)
    for (BYTE octet : selection.pcrSelections[i].pcrSelect)
      count += static_cast<std::size_t>(std::popcount(octet));
  return count;
}

// Takes out of `rest` what was read.
void remove_read(TPML_PCR_SELECTION& rest, const TPML_PCR_SELECTION& read) {
  for (UINT32 i = 0; i < rest.count && i < read.count; ++i)
    for (std::size_t at = 0; at < std::size(rest.pcrSelections[i].pcrSelect); ++at)
      rest.pcrSelections[i].pcrSelect[at] &=
          static_cast<BYTE>(~read.pcrSelections[i].pcrSelect[at]);
}

}  // namespace

Outcome<SecretBuffer> activate_credential(const Secured& secured, const Authorized& key,
                                          const AuthorizedApart& endorsement_key,
                                          const Credential& credential) {
  Command command{.name = "TPM2_ActivateCredential",
                  .code = TPM2_CC_ActivateCredential,
                  .entities = {key.entity, endorsement_key.entity},
                  .protection = {.answer = true}};
  command.parameters.put(&Tss2_MU_TPM2B_ID_OBJECT_Marshal, credential.blob)
      .put(&Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal, credential.secret);
  const std::array by = {Authorization{secured.session, key.auth},
                         Authorization{endorsement_key.session, endorsement_key.auth}};
  auto answer = secured.channel.run(command, by);
  if (!answer && is_of_the_credential(secured, answer.error().code()))
    return std::unexpected(
        tpm_refusal(command.name, answer.error().code(), Status::PsaErrorInvalidArgument));
  auto opened = TRY(std::move(answer));
  auto enclosed = TRY(take_secret(opened.parameters));
  TRY(opened.parameters.end());
  return enclosed;
}

Outcome<SignedStatement> certify(const Secured& secured, const Authorized& key,
                                 const AuthorizedApart& by, ByteView qualifying_data) {
  Command command{
      .name = "TPM2_Certify", .code = TPM2_CC_Certify, .entities = {key.entity, by.entity}};
  TRY(put_question(command.parameters, qualifying_data));
  const std::array authorizations = {Authorization{secured.session, key.auth},
                                     Authorization{by.session, by.auth}};
  auto answer = TRY(secured.channel.run(command, authorizations));
  return statement_in(answer);
}

Outcome<SignedStatement> quote(const Secured& secured, const Authorized& by,
                               const TPML_PCR_SELECTION& selection, ByteView qualifying_data) {
  Command command{.name = "TPM2_Quote", .code = TPM2_CC_Quote, .entities = {by.entity}};
  TRY(put_question(command.parameters, qualifying_data));
  command.parameters.put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, selection);
  auto answer = TRY(secured.channel.run(command, secured.session, by.auth));
  return statement_in(answer);
}

Outcome<std::vector<TPM2B_DIGEST>> read_pcrs(Channel& channel, TPML_PCR_SELECTION rest) {
  std::vector<TPM2B_DIGEST> values;
  for (std::size_t left = count_of(rest); left > 0; left = count_of(rest)) {
    Command command{.name = "TPM2_PCR_Read", .code = TPM2_CC_PCR_Read};
    command.parameters.put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, rest);
    auto answer = TRY(channel.run(command));
    std::ignore = TRY(answer.parameters.take(&Tss2_MU_UINT32_Unmarshal));
    auto read = TRY(answer.parameters.take(&Tss2_MU_TPML_PCR_SELECTION_Unmarshal));
    auto digests = TRY(answer.parameters.take(&Tss2_MU_TPML_DIGEST_Unmarshal));
    if (digests.count == 0)
      return fail(Status::PsaErrorNotSupported, "the TPM does not have all these registers");
    values.insert(values.end(), std::begin(digests.digests),
                  std::begin(digests.digests) + digests.count);
    remove_read(rest, read);
    if (count_of(rest) + digests.count != left)
      return std::unexpected(malformed_answer(command.name, "other registers than asked for"));
  }
  return values;
}

}  // namespace strongroom::tpm
