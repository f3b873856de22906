// Public keys between the protocol's form, the one of openssl, and certificates.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "client/cli/format/openssl_handles.h"
#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

// libcrypto's key of an exported public key: an RSAPublicKey, an uncompressed point, a u
// coordinate. NotSupported for types that libcrypto has no such form of, InvalidData when the bytes
// are not such a key.
Outcome<Owned<EVP_PKEY>> openssl_public_key(const psa::KeyType& type, std::uint32_t bits,
                                            ByteView exported);
// Its SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7).
Outcome<Bytes> public_key_info(const psa::KeyType& type, std::uint32_t bits, ByteView exported);

// And back, from a SubjectPublicKeyInfo, an RSAPublicKey (RFC 8017 §A.1.1), or a certificate, whose
// signature nobody checks.
Outcome<KeyMaterial> from_public_key_info(ByteView der);
Outcome<KeyMaterial> from_rsa_public_key(ByteView der);
Outcome<KeyMaterial> from_certificate(ByteView der);

// A point (SEC 1 §2.3.3), compressed or not, as the service takes it.
struct Curve;
Outcome<KeyMaterial> from_point(const Curve& curve, ByteView point);

}  // namespace strongroom::cli
