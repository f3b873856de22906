// By what Parsec's providers find a key again.
#pragma once

#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom::parsec {

// Of the software provider, in the order of this machine: the number of a persistent key of Mbed
// Crypto, by which its file is named. PsaErrorDataCorrupt.
Result<std::uint32_t> parse_persistent_id(ByteView stored);

// Of the PKCS#11 provider: CKA_ID, which is the number's bytes with the highest first.
Result<Bytes> parse_object_id(ByteView stored);

// Of the TPM provider: what the TPM has wrapped, under the provider's root key.
struct WrappedKey {
  // RSA's modulus, or a point; coordinates may lack leading zeros.
  struct Point {
    Bytes x, y;
  };
  std::variant<Bytes, Point> public_part;
  Bytes private_area;  // of a TPM2B_PRIVATE, without its size; empty for a public key
  SecretBuffer auth;   // empty for a public key
};
// PsaErrorNotSupported for a saved context of early releases, which a TPM forgets when it
// is reset; the service makes the other form of it at the key's next use.
Result<WrappedKey> parse_wrapped_key(ByteView stored);

// The TPM's Name of the root key of the TPM provider, since release 1.4.
Result<Bytes> parse_root_name(ByteView stored);

}  // namespace strongroom::parsec
