// ECDSA whose k comes from the key and the hash (RFC 6979), all of it in one place: OpenSSL 3.0 has
// no parameter for it.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_buffer.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// None is null.
struct DeterministicEcdsa {
  const EC_GROUP* group;
  EVP_MAC* hmac;
  const EVP_MD* digest;  // of the HMACs; the RFC wants the one that made the hash
};

// The signature r‖s of `hash`, each number as long as `scalar`. `scalar` is 1 ≤ d < n, big-endian,
// at least as long as n. Draws no random number: the same input gives the same signature. No branch
// and no index depends on the scalar or on k, but for the rejection of a k that is not below n,
// which tells nothing of the next one.
Result<Bytes> deterministic_ecdsa(const DeterministicEcdsa& primitives, const SecretBuffer& scalar,
                                  ByteView hash);

}  // namespace strongroom::software
