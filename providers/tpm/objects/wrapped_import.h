// A private key made ready for TPM2_Import: encrypted so that only the storage root can take it
// (TPM 2.0 r1.59 Part 1 §23.3.2.3, "Outer Wrapper").
#pragma once

#include "base/psa.h"
#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// What a key is to a TPM: RSA's modulus and one prime, or a point and its scalar, big-endian.
struct ImportedKey {
  TPMT_PUBLIC public_area;
  SecretBuffer secret;
};

// Out of data in the contract's format that software has checked, `public_key` likewise.
// PsaErrorNotSupported for an exponent of more than 32 bits.
Outcome<ImportedKey> imported_key_of(const psa::KeyType& type, std::uint32_t bits,
                                     const SecretBuffer& data, ByteView public_key);

// `auth` becomes the key's auth value.
Outcome<Duplicate> wrapped_for(const Primitives& primitives, const TPMT_PUBLIC& parent,
                               const ImportedKey& key, ByteView auth);

}  // namespace strongroom::tpm
