// RSA-PSS signatures that TPMs make.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"

namespace strongroom::tpm {

// With a salt as long as the modulus leaves room for, which is what TPMs draw unless they keep to
// FIPS 186-4 (TPM 2.0 r1.59 Part 1 §B.7); PSA's length is the hash's. `public_key` is RSAPublicKey
// DER. PsaErrorInvalidSignature when the signature does not match.
Result<> verify_pss_of_longest_salt(ByteView public_key, psa::Hash algorithm, ByteView hash,
                                    ByteView signature);

}  // namespace strongroom::tpm
