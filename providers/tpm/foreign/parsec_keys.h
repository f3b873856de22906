// Keys that Parsec's service has made in a TPM, as it makes them (release 1.4, watched at a TPM):
// under a root of its own in the owner hierarchy, which it makes anew at each start.
#pragma once

#include "base/psa.h"
#include "providers/tpm/objects/key_material.h"

namespace strongroom::tpm {

// RSA-2048 that wraps with AES of so many bits: 256 where the TPM has that, else 128.
TPMT_PUBLIC parsec_root(UINT16 cipher_bits);
inline constexpr UINT16 kParsecCiphers[] = {256, 128};

// What is kept of such a key.
struct ParsecKey {
  psa::KeyAttributes attributes;
  Bytes modulus;  // of RSA; else x and y
  Bytes x, y;
  Bytes private_area;  // empty of a public key
  SecretBuffer auth;
  Bytes root_name;  // of the root, where it is known
};

// The public area that it was made with. PsaErrorNotSupported for a type or policy that Parsec
// makes no keys of, PsaErrorDataCorrupt for numbers of another size.
Outcome<TPMT_PUBLIC> parsec_area(const ParsecKey& key);

}  // namespace strongroom::tpm
