// Persistent keys as Mbed TLS keeps them in files, in the clear.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "base/secret_buffer.h"

namespace strongroom::parsec {

struct FileKey {
  std::uint32_t bits = 0;
  SecretBuffer data;  // in the export format of the PSA Crypto API, which is the contract's
};

// What Mbed TLS 2.25 to 3.6 write as NUMBER.psa_its: a header of Internal Trusted Storage, and in
// it version 0 of a persistent key, little-endian. PsaErrorDataCorrupt for anything else, and for a
// key of another type than `type`.
Result<FileKey> parse_mbed_key(ByteView file, const psa::KeyType& type);

}  // namespace strongroom::parsec
