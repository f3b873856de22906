#include "providers/tpm/vault/sealed_secret.h"

#include <bit>

#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/policies.h"

namespace strongroom::tpm {
namespace {

constexpr BYTE kFormat = 1;
constexpr UINT32 kAllPcrs = (1U << PcrSelection::kCount) - 1;

// What read_sealed() fails with says nothing of what was wrong.
std::unexpected<TpmError> malformed() {
  return std::unexpected(TpmError(
      Error(Status::PsaErrorDataCorrupt, "what is stored of the sealed secret is malformed")));
}

Outcome<Bytes> take_digest(Reader& in) {
  auto digest = TRY(in.take(&Tss2_MU_TPM2B_DIGEST_Unmarshal));
  return copy_of(std::as_bytes(std::span(digest.buffer).first(digest.size)));
}

Outcome<SealedSecret> read_sealed(Reader& in) {
  SealedSecret sealed{};
  auto format = TRY(in.take(&Tss2_MU_UINT8_Unmarshal));
  auto name = TRY(in.take(&Tss2_MU_TPM2B_NAME_Unmarshal));
  sealed.root_name = copy_of(std::as_bytes(std::span(name.name).first(name.size)));
  sealed.pcrs.pcrs.bank = TRY(in.take(&Tss2_MU_UINT16_Unmarshal));
  sealed.pcrs.pcrs.mask = TRY(in.take(&Tss2_MU_UINT32_Unmarshal));
  if (format != kFormat || (sealed.pcrs.pcrs.mask & ~kAllPcrs) != 0) return malformed();
  for (int i = 0; i < std::popcount(sealed.pcrs.pcrs.mask); ++i) {
    auto value = TRY(take_digest(in));
    sealed.pcrs.values.push_back(std::move(value));
  }
  sealed.blob.private_area = TRY(in.take(&Tss2_MU_TPM2B_PRIVATE_Unmarshal));
  sealed.blob.public_area = TRY(in.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal));
  TRY(in.end());
  if (sealed.blob.public_area.publicArea.type != TPM2_ALG_KEYEDHASH) return malformed();
  return sealed;
}

std::unexpected<TpmError> sealed_elsewhere(const Bytes& now, const Bytes& then) {
  return std::unexpected(TpmError(Error(
      Status::PsaErrorDoesNotExist,
      fmt::format("another TPM has sealed it, or this one with another storage root, which has "
                  "the name {} and had {}: the TPM was replaced, its owner hierarchy was "
                  "cleared, or the root's type was changed in the configuration",
                  to_hex(now), to_hex(then)))));
}

// Of those that have another value now.
PcrSelection changed_pcrs(const PcrValues& then, const PcrValues& now) {
  PcrSelection changed{.bank = then.pcrs.bank, .mask = 0};
  std::size_t next = 0;
  for (UINT32 pcr = 0; pcr < PcrSelection::kCount; ++pcr) {
    if ((then.pcrs.mask >> pcr & 1U) == 0) continue;
    if (then.values[next] != now.values[next]) changed.mask |= 1U << pcr;
    ++next;
  }
  return changed;
}

std::unexpected<TpmError> pcrs_differ(Tpm& tpm, const PcrValues& then) {
  std::string what = "they cannot be read";
  if (auto now = read_pcrs(tpm.channel(), then.pcrs))
    what = fmt::format("those that differ are {}", to_string(changed_pcrs(then, *now)));
  return std::unexpected(TpmError(
      Error(Status::PsaErrorNotPermitted,
            fmt::format("the PCRs that it is bound to, {}, are not as when it was sealed; {}",
                        to_string(then.pcrs), what))));
}

// Which a TPM gives for a blob that is not its own, or not whole: Part 3 §12.2.
bool tells_of_a_foreign_blob(TSS2_RC code) {
  return code == TPM2_RC_INTEGRITY || code == TPM2_RC_SIZE || code == TPM2_RC_SENSITIVE ||
         code == TPM2_RC_BINDING || code == TPM2_RC_ATTRIBUTES || code == TPM2_RC_HASH ||
         code == TPM2_RC_TYPE || code == TPM2_RC_SCHEME;
}

Outcome<FlushedHandle> load_sealed(Tpm& tpm, const KeyBlob& blob) {
  auto loaded = tpm.keys().with_room([&]() -> Outcome<TPM2_HANDLE> {
    auto parent = TRY(tpm.root());
    return load(tpm.secured(), parent, blob);
  });
  if (!loaded && tells_of_a_foreign_blob(loaded.error().code()))
    return std::unexpected(TpmError(Error(Status::PsaErrorDataCorrupt, loaded.error().message())));
  auto handle = TRY(std::move(loaded));
  return FlushedHandle(tpm.channel(), handle);
}

struct StartedPolicy {
  HmacSession session;
  FlushedHandle owned;
};
Outcome<StartedPolicy> start_policy(Tpm& tpm, const PcrSelection& pcrs) {
  auto parent = TRY(tpm.root());
  auto policy = TRY(
      start_session(tpm.channel(), SaltKey{parent.handle, tpm.root_area()}, SessionKind::Policy));
  FlushedHandle owned(tpm.channel(), policy.handle());
  TRY(policy_pcr(tpm.channel(), pcrs, policy));
  return StartedPolicy{std::move(policy), std::move(owned)};
}

// What these values come to, if they are the TPM's.
Outcome<Digest> policy_of(Tpm& tpm, const PcrValues& values) {
  auto ours = TRY(pcr_policy(tpm.channel().primitives(), values));
  auto policy = TRY(start_policy(tpm, values.pcrs));
  auto theirs = TRY(policy_digest(tpm.channel(), policy.session));
  if (ours == theirs) return ours;
  return fail(
      Status::PsaErrorCorruptionDetected,
      fmt::format("the PCRs {} are not those that were read: they change just now, or somebody "
                  "plays with the TPM's answers",
                  to_string(values.pcrs)));
}

Outcome<SecretBuffer> unseal_by_policy(Tpm& tpm, const PcrSelection& pcrs, const Entity& entity) {
  auto policy = TRY(start_policy(tpm, pcrs));
  return unseal(tpm.channel(), policy.session, entity);
}

}  // namespace

Outcome<Bytes> to_stored(const SealedSecret& sealed) {
  TPM2B_NAME name{};
  if (sealed.root_name.size() > sizeof(name.name)) return malformed();
  name.size = static_cast<UINT16>(sealed.root_name.size());
  std::ranges::copy(sealed.root_name, std::as_writable_bytes(std::span(name.name)).begin());
  Writer out;
  out.put(kFormat).put(&Tss2_MU_TPM2B_NAME_Marshal, name).put(sealed.pcrs.pcrs.bank);
  out.put(sealed.pcrs.pcrs.mask);
  for (const Bytes& value : sealed.pcrs.values) {
    TPM2B_DIGEST digest{};
    if (!assign(digest, value)) return malformed();
    out.put(&Tss2_MU_TPM2B_DIGEST_Marshal, digest);
  }
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = sealed.blob.public_area.publicArea};
  out.put(&Tss2_MU_TPM2B_PRIVATE_Marshal, sealed.blob.private_area)
      .put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area);
  if (!out.is_sound()) return std::unexpected(tpm_error("sealing", out.code()));
  return copy_of(out.view());
}

Outcome<SealedSecret> sealed_from_stored(ByteView stored) {
  Bytes copy = copy_of(stored);
  Reader in("sealed secret", copy);
  auto sealed = read_sealed(in);
  if (!sealed) return malformed();
  return sealed;
}

Outcome<SealedSecret> seal_secret(Tpm& tpm, ByteView secret, const PcrSelection& pcrs) {
  SealedSecret sealed{};
  sealed.pcrs.pcrs = pcrs;
  std::optional<Digest> policy;
  if (pcrs.mask != 0) {
    sealed.pcrs = TRY(read_pcrs(tpm.channel(), pcrs));
    policy = TRY(policy_of(tpm, sealed.pcrs));
  }
  sealed.root_name = tpm.root_name();
  auto under_the_root = [&]() -> Outcome<KeyBlob> {
    auto parent = TRY(tpm.root());
    return seal(tpm.secured(), parent, secret, policy ? &*policy : nullptr);
  };
  sealed.blob = TRY(tpm.keys().with_room(under_the_root));
  return sealed;
}

Outcome<SecretBuffer> unseal_secret(Tpm& tpm, const SealedSecret& sealed) {
  if (sealed.root_name != tpm.root_name())
    return sealed_elsewhere(tpm.root_name(), sealed.root_name);
  auto loaded = TRY(load_sealed(tpm, sealed.blob));
  auto name = TRY(name_of(tpm.channel().primitives(), sealed.blob.public_area.publicArea));
  const Entity entity{loaded.handle(), std::move(name)};
  if (sealed.pcrs.pcrs.mask == 0) return unseal(tpm.channel(), tpm.secured().session, entity);
  auto secret = unseal_by_policy(tpm, sealed.pcrs.pcrs, entity);
  if (!secret && secret.error().code() == TPM2_RC_POLICY_FAIL) return pcrs_differ(tpm, sealed.pcrs);
  return secret;
}

Result<Bytes> seal_secret(Executor& executor, const SecretBuffer& secret, const PcrSelection& pcrs,
                          std::chrono::milliseconds limit) {
  SecretBuffer copy = TRY(SecretBuffer::copy_of(secret.reveal()));
  return executor.run_urgently<Bytes>(limit,
                                      [copy = std::move(copy), pcrs](Tpm& tpm) -> Outcome<Bytes> {
                                        auto sealed = TRY(seal_secret(tpm, copy.reveal(), pcrs));
                                        return to_stored(sealed);
                                      });
}

Result<SecretBuffer> unseal_secret(Executor& executor, ByteView stored,
                                   std::chrono::milliseconds limit) {
  auto sealed = TRY(sealed_from_stored(stored));
  return executor.run_urgently<SecretBuffer>(
      limit, [sealed](Tpm& tpm) { return unseal_secret(tpm, sealed); });
}

}  // namespace strongroom::tpm
