// Secrets shared with a TPM, encrypted to one of its keys, so that nobody on the way learns them:
// TPM 2.0 r1.59 Part 1 §B.10 (RSA-OAEP) and §C.6 (ECDH).
#pragma once

#include <string_view>

#include <tss2/tss2_tpm2_types.h>

#include "base/secret_buffer.h"
#include "providers/tpm/device/tpm_error.h"
#include "providers/tpm/session/primitives.h"

namespace strongroom::tpm {

// What such a secret is for; a label that the TPM knows.
inline constexpr std::string_view kForSession = "SECRET";
inline constexpr std::string_view kForImport = "DUPLICATE";

struct Salt {
  SecretBuffer value;
  TPM2B_ENCRYPTED_SECRET encrypted;
};

// A new one, for a decryption key whose name algorithm is SHA-256: RSA, or ECC on P-256.
// PsaErrorNotSupported for another, PsaErrorCorruptionDetected for one that is no valid key.
Outcome<Salt> make_salt(const Primitives& primitives, const TPMT_PUBLIC& key,
                        std::string_view purpose);

}  // namespace strongroom::tpm
