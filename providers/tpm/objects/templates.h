// Public areas to make keys with (TPM 2.0 r1.59 Part 2 §12.2).
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include "base/psa.h"
#include "providers/tpm/device/tpm_error.h"

namespace strongroom::tpm {

enum class RootType { EccP256, Rsa2048 };

// The storage root key of the TCG's TPM v2.0 Provisioning Guidance §7.5.1: always the same key
// under the same hierarchy, and a parent of others.
TPMT_PUBLIC storage_root(RootType type);

// The endorsement key whose certificate a TPM's maker gives: TCG EK Credential Profile 2.5 §B.3.3,
// "Template L-1". Always the same key of a TPM. Its use takes the endorsement hierarchy's auth
// value, by TPM2_PolicySecret.
TPMT_PUBLIC endorsement_key();

// The provider's attestation key: restricted, so that it signs what the TPM itself states and
// nothing that anybody else makes up; with SHA-256, by ECDSA on P-256 or by RSASSA, as the root is.
// Its template is unlike those of other software.
TPMT_PUBLIC attestation_key(RootType type);

// An RSA, ECC, AES or HMAC key that does whatever a command names, with any scheme, mode or hash,
// uses a password that is not subject to lockout, and never leaves the TPM. PsaErrorNotSupported
// for another type or curve; whether the TPM has the size, it says itself. HMAC keys that a TPM
// makes are as long as its names' digest, whatever is asked for.
Outcome<TPMT_PUBLIC> generated_key(const psa::KeyType& type, std::uint32_t bits);

// The same for a pair that comes from outside: it may be under another parent elsewhere.
Outcome<TPMT_PUBLIC> imported_key(const psa::KeyType& type, std::uint32_t bits);

// The same for a key without a public half that is given to TPM2_Create as data.
Outcome<TPMT_PUBLIC> given_key(const psa::KeyType& type, std::uint32_t bits);

}  // namespace strongroom::tpm
