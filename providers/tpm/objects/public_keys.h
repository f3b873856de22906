// Public keys between the TPM's structures and the contract's formats.
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include "base/bytes.h"
#include "base/psa.h"
#include "providers/tpm/device/tpm_error.h"

namespace strongroom::tpm {

// RSAPublicKey DER, or the uncompressed point with both coordinates as long as the field.
// PsaErrorCommunicationFailure for a public area that is neither, or of another size than it says.
Outcome<Bytes> public_key_of(const TPMT_PUBLIC& public_area);

// e as a number: 0 in a public area means 65537 (TPM 2.0 r1.59 Part 2 §12.2.3.5).
UINT32 rsa_exponent_of(const TPMT_PUBLIC& public_area) noexcept;

// Bytes of a coordinate; 0 for a curve that is not one of SECP_R1.
std::size_t field_size_of(TPM2_ECC_CURVE curve) noexcept;

// TPM2_ECC_NONE for a curve that TPMs have no number for.
TPM2_ECC_CURVE curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;

}  // namespace strongroom::tpm
