// Public keys between the protocol's form and the one of openssl.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7) of an exported public key: an RSAPublicKey, an
// uncompressed point, a u coordinate. NotSupported for types that libcrypto has no such form of,
// InvalidData when the bytes are not such a key.
Outcome<Bytes> public_key_info(const psa::KeyType& type, std::uint32_t bits, ByteView exported);

// "-----BEGIN PUBLIC KEY-----" (RFC 7468 §13).
std::string public_key_pem(ByteView public_key_info);

}  // namespace strongroom::cli
