#include "providers/tpm/objects/counter.h"

#include "providers/tpm/objects/names.h"

namespace strongroom::tpm {
namespace {

constexpr UINT16 kCounterSize = 8;

TPMS_NV_PUBLIC public_area_of(TPM2_HANDLE index, Counted counted) {
  TPMS_NV_PUBLIC area{};
  area.nvIndex = index;
  area.nameAlg = TPM2_ALG_SHA256;
  area.attributes = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA |
                    (TPMA_NV{TPM2_NT_COUNTER} << TPMA_NV_TPM2_NT_SHIFT);
  if (counted == Counted::Before) area.attributes |= TPMA_NV_WRITTEN;
  area.dataSize = kCounterSize;
  return area;
}

Entity owner() {
  return {TPM2_RH_OWNER, name_of(TPM2_RH_OWNER)};
}

std::unexpected<TpmError> not_ours(TPM2_HANDLE index) {
  return std::unexpected(TpmError(
      Error(Status::PsaErrorAlreadyExists,
            fmt::format("what the TPM has at NV index 0x{:08x} is not our counter", index))));
}

}  // namespace

Outcome<TPM2_HANDLE> free_index(Channel& channel, TPM2_HANDLE from) {
  TPM2_HANDLE candidate = from;
  while (candidate <= kLastOwnerIndex) {
    auto step = TRY(capability(channel, TPM2_CAP_HANDLES, candidate, TPM2_MAX_CAP_HANDLES));
    const TPML_HANDLE& taken = step.data.handles;
    // In ascending order: Part 3 §30.2.
    for (UINT32 i = 0; i < taken.count && taken.handle[i] == candidate; ++i)
      ++candidate;
    const bool is_free =
        taken.count == 0 || candidate <= taken.handle[taken.count - 1] || !step.has_more;
    if (is_free && candidate <= kLastOwnerIndex) return candidate;
    if (!is_free && taken.handle[taken.count - 1] + 1 != candidate)
      return std::unexpected(malformed_answer("TPM2_GetCapability", "handles out of order"));
  }
  return fail(Status::PsaErrorInsufficientStorage,
              fmt::format("the TPM has no free NV index from 0x{:08x} on", from));
}

Outcome<> define_counter(const Secured& secured, ByteView owner_auth, const NvCounter& counter) {
  Command command{.name = "TPM2_NV_DefineSpace",
                  .code = TPM2_CC_NV_DefineSpace,
                  .entities = {owner()},
                  .protection = {.command = true}};
  TPM2B_NV_PUBLIC area{};
  area.nvPublic = public_area_of(counter.index, Counted::Never);
  put_sized(command.parameters, counter.auth.reveal());
  command.parameters.put(&Tss2_MU_TPM2B_NV_PUBLIC_Marshal, area);
  TRY(secured.channel.run(command, secured.session, owner_auth));
  return {};
}

Outcome<> undefine_index(const Secured& secured, ByteView owner_auth, TPM2_HANDLE index,
                         const Bytes& name) {
  Command command{.name = "TPM2_NV_UndefineSpace",
                  .code = TPM2_CC_NV_UndefineSpace,
                  .entities = {owner(), {index, name}}};
  TRY(secured.channel.run(command, secured.session, owner_auth));
  return {};
}

Outcome<Entity> entity_of(const Primitives& primitives, const NvCounter& counter, Counted counted) {
  Writer area;
  area.put(&Tss2_MU_TPMS_NV_PUBLIC_Marshal, public_area_of(counter.index, counted));
  if (!area.is_sound())
    return std::unexpected(tpm_error("Tss2_MU_TPMS_NV_PUBLIC_Marshal", area.code()));
  auto digest = TRY(primitives.sha256({area.view()}));
  Writer name;
  name.put(UINT16{TPM2_ALG_SHA256}).put(ByteView(digest));
  return Entity{counter.index, copy_of(name.view())};
}

Outcome<std::optional<Counted>> state_of(Channel& channel, const NvCounter& counter) {
  Command command{.name = "TPM2_NV_ReadPublic",
                  .code = TPM2_CC_NV_ReadPublic,
                  .entities = {{counter.index, {}}}};
  auto answer = channel.run(command);
  if (!answer && answer.error().code() == TPM2_RC_HANDLE) return std::nullopt;
  auto found = TRY(std::move(answer));
  auto area = TRY(found.parameters.take(&Tss2_MU_TPM2B_NV_PUBLIC_Unmarshal));
  for (Counted counted : {Counted::Never, Counted::Before}) {
    const TPMS_NV_PUBLIC ours = public_area_of(counter.index, counted);
    if (area.nvPublic.attributes == ours.attributes && area.nvPublic.nameAlg == ours.nameAlg &&
        area.nvPublic.dataSize == ours.dataSize && area.nvPublic.authPolicy.size == 0)
      return std::optional(counted);
  }
  return not_ours(counter.index);
}

Outcome<> increment(const Secured& secured, const NvCounter& counter, Counted counted) {
  auto entity = TRY(entity_of(secured.channel.primitives(), counter, counted));
  Command command{
      .name = "TPM2_NV_Increment", .code = TPM2_CC_NV_Increment, .entities = {entity, entity}};
  TRY(secured.channel.run(command, secured.session, counter.auth.reveal()));
  return {};
}

Outcome<std::uint64_t> read_counter(const Secured& secured, const NvCounter& counter) {
  auto entity = TRY(entity_of(secured.channel.primitives(), counter, Counted::Before));
  Command command{.name = "TPM2_NV_Read", .code = TPM2_CC_NV_Read, .entities = {entity, entity}};
  command.parameters.put(kCounterSize).put(UINT16{0});
  auto answer = TRY(secured.channel.run(command, secured.session, counter.auth.reveal()));
  auto data = TRY(answer.parameters.take(&Tss2_MU_TPM2B_MAX_NV_BUFFER_Unmarshal));
  if (data.size != kCounterSize)
    return std::unexpected(malformed_answer(command.name, "a counter of another size"));
  std::uint64_t value = 0;
  for (UINT16 i = 0; i < kCounterSize; ++i)
    value = value << 8U | data.buffer[i];
  return value;
}

}  // namespace strongroom::tpm
