#include "providers/tpm/vault/epoch_counter.h"

#include <algorithm>

namespace strongroom::tpm {
namespace {

constexpr std::byte kFormat{1};
constexpr std::size_t kIndexSize = 4;

std::unexpected<TpmError> is_gone(const NvCounter& counter) {
  return std::unexpected(TpmError(Error(
      Status::PsaErrorDoesNotExist,
      fmt::format("the TPM has nothing at NV index 0x{:08x}: this is another TPM, or its owner "
                  "hierarchy was cleared",
                  counter.index))));
}

// As told by the TPM, whose word for it is not protected: what follows is.
Outcome<Counted> state_there(Tpm& tpm, const NvCounter& counter) {
  auto state = TRY(state_of(tpm.channel(), counter));
  if (!state) return is_gone(counter);
  return *state;
}

// An index that looks like ours with another secret; not a loss that the session suffered, for
// which it is tried again.
template <typename T>
Outcome<T> in_words(Outcome<T> result, const Tpm& tpm, const NvCounter& counter) {
  if (result || !tpm.is_again()) return result;
  const TSS2_RC code = result.error().code();
  if (code != TPM2_RC_BAD_AUTH && code != TPM2_RC_AUTH_FAIL) return result;
  return std::unexpected(TpmError(
      Error(Status::PsaErrorAlreadyExists,
            fmt::format("the TPM's counter at NV index 0x{:08x} has another secret than ours: "
                        "somebody has made it anew",
                        counter.index))));
}

Outcome<> count(Tpm& tpm, const NvCounter& counter, Counted counted) {
  return in_words(increment(tpm.secured(), counter, counted), tpm, counter);
}

}  // namespace

Result<SecretBuffer> to_stored(const NvCounter& counter) {
  SecretBuffer stored = TRY(SecretBuffer::of_size(1 + kIndexSize + kAuthSize));
  MutableByteView out = stored.reveal_mutable();
  out[0] = kFormat;
  for (std::size_t i = 0; i < kIndexSize; ++i)
    out[1 + i] = static_cast<std::byte>(counter.index >> (8 * (kIndexSize - 1 - i)));
  if (counter.auth.size() != kAuthSize)
    return fail(Status::PsaErrorInvalidArgument, "a counter's secret has a wrong length");
  std::ranges::copy(counter.auth.reveal(), out.subspan(1 + kIndexSize).begin());
  return stored;
}

Result<NvCounter> counter_from_stored(ByteView stored) {
  if (stored.size() != 1 + kIndexSize + kAuthSize || stored[0] != kFormat)
    return fail(Status::PsaErrorDataCorrupt, "what is stored of the counter is malformed");
  TPM2_HANDLE index = 0;
  for (std::byte octet : stored.subspan(1, kIndexSize))
    index = index << 8U | std::to_integer<TPM2_HANDLE>(octet);
  SecretBuffer auth = TRY(SecretBuffer::copy_of(stored.subspan(1 + kIndexSize)));
  return NvCounter{index, std::move(auth)};
}

Outcome<NvCounter> planned_counter(Tpm& tpm, TPM2_HANDLE index) {
  auto auth = TRY(SecretBuffer::random(kAuthSize));
  NvCounter counter{index, std::move(auth)};
  auto first = TRY(free_index(tpm.channel(), index == 0 ? kFirstOwnerIndex : index));
  if (index != 0 && first != index)
    return fail(Status::PsaErrorAlreadyExists,
                fmt::format("NV index 0x{:08x} of the TPM is taken", index));
  counter.index = first;
  return counter;
}

Outcome<std::uint64_t> established(Tpm& tpm, const NvCounter& counter) {
  auto state = TRY(state_of(tpm.channel(), counter));
  if (!state) {
    auto owner_auth = TRY(tpm.owner_auth());
    TRY(define_counter(tpm.secured(), owner_auth.reveal(), counter));
    state = Counted::Never;
  }
  if (*state == Counted::Never) TRY(count(tpm, counter, Counted::Never));
  return in_words(read_counter(tpm.secured(), counter), tpm, counter);
}

Outcome<std::uint64_t> value_of(Tpm& tpm, const NvCounter& counter) {
  std::ignore = TRY(state_there(tpm, counter));
  return in_words(read_counter(tpm.secured(), counter), tpm, counter);
}

Outcome<std::uint64_t> advanced(Tpm& tpm, const NvCounter& counter, std::uint64_t wanted) {
  auto value = TRY(value_of(tpm, counter));
  if (value + 1 != wanted) return value;
  TRY(count(tpm, counter, Counted::Before));
  return wanted;
}

Outcome<> removed(Tpm& tpm, const NvCounter& counter) {
  auto state = TRY(state_of(tpm.channel(), counter));
  if (!state) return {};
  auto entity = TRY(entity_of(tpm.channel().primitives(), counter, *state));
  auto owner_auth = TRY(tpm.owner_auth());
  return undefine_index(tpm.secured(), owner_auth.reveal(), counter.index, entity.name);
}

}  // namespace strongroom::tpm
