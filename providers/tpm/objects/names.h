// Names of what a command acts on (TPM 2.0 r1.59 Part 1 §16), which its authorization covers: who
// sits on the bus cannot make a command act on something else.
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include "base/bytes.h"
#include "providers/tpm/device/tpm_error.h"
#include "providers/tpm/session/primitives.h"

namespace strongroom::tpm {

// Of an object: its name algorithm and the digest of its public area. PsaErrorNotSupported for
// another name algorithm than SHA-256.
Outcome<Bytes> name_of(const Primitives& primitives, const TPMT_PUBLIC& public_area);

// Of what has no public area: its handle.
Bytes name_of(TPM2_HANDLE handle);

}  // namespace strongroom::tpm
