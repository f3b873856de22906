// A counter that a TPM keeps for the rest of the process.
#pragma once

#include "providers/tpm/executor.h"
#include "providers/tpm/objects/counter.h"

namespace strongroom::tpm {

// What is stored of a counter, which is a secret: u8 format 1 · u32 index · 32 bytes of auth value.
Result<SecretBuffer> to_stored(const NvCounter& counter);
// Total: PsaErrorDataCorrupt for anything else.
Result<NvCounter> counter_from_stored(ByteView stored);

// A counter that is to be made: at `index`, or where there is room when that is 0. The TPM is
// asked, not changed. PsaErrorAlreadyExists when the index is taken.
Outcome<NvCounter> planned_counter(Tpm& tpm, TPM2_HANDLE index);
// Makes it unless that was done, lets it count once unless it has, and gives what it stands at.
Outcome<std::uint64_t> established(Tpm& tpm, const NvCounter& counter);
// PsaErrorDoesNotExist when the TPM does not have it, PsaErrorAlreadyExists when what it has there
// is not this one, each in words.
Outcome<std::uint64_t> value_of(Tpm& tpm, const NvCounter& counter);
// Lets it count from `wanted` - 1 to `wanted`, unless it stands there already. What it stands at;
// anything else than `wanted` when it stood elsewhere, and has not counted.
Outcome<std::uint64_t> advanced(Tpm& tpm, const NvCounter& counter, std::uint64_t wanted);
// Gives the index back. Nothing there is nothing to give back.
Outcome<> removed(Tpm& tpm, const NvCounter& counter);

}  // namespace strongroom::tpm
