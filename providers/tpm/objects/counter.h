// Counters in a TPM's NV memory, which only ever count up: TPM 2.0 r1.59 Part 3 §31. The functions
// belong to the executor.
#pragma once

#include <cstdint>
#include <optional>

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// An index of NV memory, and the secret of those who read and count: 256 random bits, so that no
// guessing is worth counting.
struct NvCounter {
  TPM2_HANDLE index;
  SecretBuffer auth;
};

// Of TCG's "Registry of Reserved TPM 2.0 Handles and Localities": what an owner may give out.
inline constexpr TPM2_HANDLE kFirstOwnerIndex = 0x01800000;
inline constexpr TPM2_HANDLE kLastOwnerIndex = 0x01BFFFFF;

// The first index from `from` on that the TPM has nothing at. PsaErrorInsufficientStorage when all
// are taken.
Outcome<TPM2_HANDLE> free_index(Channel& channel, TPM2_HANDLE from);

// TPM2_NV_DefineSpace under the owner hierarchy. It cannot be read before it has counted once,
// which gives it one more than the greatest number that any counter of this TPM ever had: a counter
// made anew never repeats the old one.
Outcome<> define_counter(const Secured& secured, ByteView owner_auth, const NvCounter& counter);
// TPM2_NV_UndefineSpace.
Outcome<> undefine_index(const Secured& secured, ByteView owner_auth, TPM2_HANDLE index,
                         const Bytes& name);

enum class Counted { Never, Before };
// The counter's Name, as we made it: one with other attributes does not answer to it.
Outcome<Entity> entity_of(const Primitives& primitives, const NvCounter& counter, Counted counted);

// TPM2_NV_ReadPublic: whether it has counted; nullopt when the TPM has nothing at the index.
// PsaErrorAlreadyExists when that is no counter as we make them.
Outcome<std::optional<Counted>> state_of(Channel& channel, const NvCounter& counter);

// TPM2_NV_Increment. What limits the rate of writes is waited for by the device.
Outcome<> increment(const Secured& secured, const NvCounter& counter, Counted counted);
// TPM2_NV_Read of one that has counted. The answer is the TPM's own word.
Outcome<std::uint64_t> read_counter(const Secured& secured, const NvCounter& counter);

}  // namespace strongroom::tpm
