// Secrets of the rest of the process that a TPM keeps for it.
#pragma once

#include "providers/tpm/executor.h"
#include "providers/tpm/objects/sealing.h"

namespace strongroom::tpm {

// What is stored of a sealed secret. Integers big-endian, others as the TPM's structures:
//   u8 format 1 · TPM2B_NAME of the storage root · u16 bank · u32 mask of the PCRs ·
//   TPM2B_DIGEST for each of them · TPM2B_PRIVATE · TPM2B_PUBLIC
// Nobody but the TPM can take it apart; the PCRs' values are there to say which have changed.
struct SealedSecret {
  Bytes root_name;
  PcrValues pcrs;
  KeyBlob blob;
};
Outcome<Bytes> to_stored(const SealedSecret& sealed);
// Total: PsaErrorDataCorrupt for anything else.
Outcome<SealedSecret> sealed_from_stored(ByteView stored);

// Sealed under the storage root to the PCRs as they are now, to none if there are none.
Outcome<SealedSecret> seal_secret(Tpm& tpm, ByteView secret, const PcrSelection& pcrs);
// PsaErrorDoesNotExist when another TPM has sealed it, PsaErrorNotPermitted when PCRs are not as
// they were, PsaErrorDataCorrupt when it is not what the TPM gave out; each says what differs.
Outcome<SecretBuffer> unseal_secret(Tpm& tpm, const SealedSecret& sealed);

// The same by the executor, waiting for so long. `stored` is to_stored().
Result<Bytes> seal_secret(Executor& executor, const SecretBuffer& secret, const PcrSelection& pcrs,
                          std::chrono::milliseconds limit);
Result<SecretBuffer> unseal_secret(Executor& executor, ByteView stored,
                                   std::chrono::milliseconds limit);

}  // namespace strongroom::tpm
