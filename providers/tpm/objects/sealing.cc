#include "providers/tpm/objects/sealing.h"

#include <bit>

#include "providers/tpm/objects/policies.h"

namespace strongroom::tpm {
namespace {

// While others extend them, PCRs of several answers are not of one moment.
constexpr int kAttempts = 8;

TPML_PCR_SELECTION list_of(const PcrSelection& pcrs) {
  TPML_PCR_SELECTION list{};
  list.count = 1;
  list.pcrSelections[0].hash = pcrs.bank;
  list.pcrSelections[0].sizeofSelect = PcrSelection::kCount / 8;
  for (UINT32 octet = 0; octet < PcrSelection::kCount / 8; ++octet)
    list.pcrSelections[0].pcrSelect[octet] = static_cast<BYTE>(pcrs.mask >> (8 * octet));
  return list;
}

// What an answer says of `bank`; nothing of another.
UINT32 mask_of(const TPML_PCR_SELECTION& list, TPM2_ALG_ID bank) {
  UINT32 mask = 0;
  for (UINT32 i = 0; i < list.count; ++i) {
    const TPMS_PCR_SELECTION& selection = list.pcrSelections[i];
    if (selection.hash != bank) continue;
    const UINT32 octets = std::min<UINT32>(selection.sizeofSelect, PcrSelection::kCount / 8);
    for (UINT32 octet = 0; octet < octets; ++octet)
      mask |= UINT32{selection.pcrSelect[octet]} << (8 * octet);
  }
  return mask;
}

struct SomePcrs {
  UINT32 update_counter;
  UINT32 mask;
  std::vector<Bytes> values;
};

// As many as fit into an answer.
Outcome<SomePcrs> read_some(Channel& channel, const PcrSelection& pcrs) {
  Command command{.name = "TPM2_PCR_Read", .code = TPM2_CC_PCR_Read};
  command.parameters.put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, list_of(pcrs));
  auto answer = TRY(channel.run(command));
  SomePcrs some{};
  some.update_counter = TRY(answer.parameters.take(&Tss2_MU_UINT32_Unmarshal));
  auto selected = TRY(answer.parameters.take(&Tss2_MU_TPML_PCR_SELECTION_Unmarshal));
  auto digests = TRY(answer.parameters.take(&Tss2_MU_TPML_DIGEST_Unmarshal));
  some.mask = mask_of(selected, pcrs.bank);
  const auto count = static_cast<UINT32>(std::popcount(some.mask));
  if ((some.mask & ~pcrs.mask) != 0 || digests.count != count)
    return std::unexpected(malformed_answer(command.name, "other PCRs than were asked for"));
  for (UINT32 i = 0; i < count; ++i)
    some.values.push_back(copy_of(
        std::as_bytes(std::span(digests.digests[i].buffer).first(digests.digests[i].size))));
  return some;
}

// Nothing when they changed meanwhile.
Outcome<std::optional<PcrValues>> read_at_once(Channel& channel, const PcrSelection& pcrs) {
  PcrValues all{.pcrs = pcrs, .values = {}};
  std::optional<UINT32> update_counter;
  for (PcrSelection left = pcrs; left.mask != 0;) {
    auto some = TRY(read_some(channel, left));
    if (some.mask == 0)
      return fail(Status::PsaErrorNotSupported,
                  fmt::format("the TPM has no PCRs {}", to_string(left)));
    if (update_counter && *update_counter != some.update_counter) return std::nullopt;
    // From the lowest on, so that the values are in order.
    update_counter = some.update_counter;
    std::ranges::move(some.values, std::back_inserter(all.values));
    left.mask &= ~some.mask;
  }
  return std::optional(std::move(all));
}

TPMT_PUBLIC sealed_area(const Digest* policy) {
  TPMT_PUBLIC area{};
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA;
  area.objectAttributes |= policy == nullptr ? TPMA_OBJECT_USERWITHAUTH : 0U;
  if (policy != nullptr) assign(area.authPolicy, *policy);
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return area;
}

std::string_view name_of_bank(TPM2_ALG_ID bank) {
  switch (bank) {
    case TPM2_ALG_SHA1: return "sha1";
    case TPM2_ALG_SHA256: return "sha256";
    case TPM2_ALG_SHA384: return "sha384";
    case TPM2_ALG_SHA512: return "sha512";
    default: return "?";
  }
}

}  // namespace

std::string to_string(const PcrSelection& pcrs) {
  std::string text;
  for (UINT32 pcr = 0; pcr < PcrSelection::kCount; ++pcr)
    if ((pcrs.mask >> pcr & 1U) != 0) text += fmt::format("{}{}", text.empty() ? "" : ",", pcr);
  return text.empty() ? "none" : fmt::format("{}:{}", name_of_bank(pcrs.bank), text);
}

Outcome<PcrValues> read_pcrs(Channel& channel, const PcrSelection& pcrs) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto all = TRY(read_at_once(channel, pcrs));
    if (all) return *std::move(all);
  }
  return fail(Status::PsaErrorCommunicationFailure, "the TPM's PCRs change all the time");
}

Outcome<Digest> pcr_policy(const Primitives& primitives, const PcrValues& values) {
  Bytes all;
  for (const Bytes& value : values.values)
    all.insert(all.end(), value.begin(), value.end());
  auto pcr_digest = TRY(primitives.sha256({all}));
  Writer told;
  told.put(UINT32{TPM2_CC_PolicyPCR})
      .put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, list_of(values.pcrs));
  const Digest nothing{};
  return TRY(primitives.sha256({nothing, told.view(), pcr_digest}));
}

Outcome<> policy_pcr(Channel& channel, const PcrSelection& pcrs, const HmacSession& policy) {
  Command command{
      .name = "TPM2_PolicyPCR", .code = TPM2_CC_PolicyPCR, .entities = {entity_of(policy)}};
  command.parameters.put(&Tss2_MU_TPM2B_DIGEST_Marshal, TPM2B_DIGEST{})
      .put(&Tss2_MU_TPML_PCR_SELECTION_Marshal, list_of(pcrs));
  TRY(channel.run(command));
  return {};
}

Outcome<KeyBlob> seal(const Secured& secured, const Entity& parent, ByteView secret,
                      const Digest* policy) {
  if (secret.size() > kMostSealed)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are too many to be sealed", secret.size()));
  return create(secured, parent, sealed_area(policy), {}, secret);
}

Outcome<SecretBuffer> unseal(Channel& channel, HmacSession& by, const Entity& sealed) {
  Command command{.name = "TPM2_Unseal",
                  .code = TPM2_CC_Unseal,
                  .entities = {sealed},
                  .protection = {.answer = true}};
  auto answer = TRY(channel.run(command, by, {}));
  return take_secret(answer.parameters);
}

}  // namespace strongroom::tpm
