// Private keys in the DER of files: PKCS#8, PKCS#1 and SEC 1.
#pragma once

#include <optional>

#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

// PrivateKeyInfo, also version 2 (RFC 5958 §2).
Outcome<KeyMaterial> from_private_key_info(ByteView der);
// RSAPrivateKey (RFC 8017 §A.1.2) with two primes.
Outcome<KeyMaterial> from_rsa_private_key(ByteView der);
// ECPrivateKey (RFC 5915 §3). `parameters` is an ECParameters element that stands elsewhere, for a
// key that does not name its curve.
Outcome<KeyMaterial> from_ec_private_key(ByteView der, std::optional<ByteView> parameters = {});

// PrivateKeyInfo in DER of a pair that the service gave out; `point` is its public key, and may be
// empty. NotSupported for keys that have no such form.
Outcome<SecretBytes> private_key_info(const KeyMaterial& key, ByteView point);

}  // namespace strongroom::cli
