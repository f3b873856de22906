// The PSA key policy, enforced once and above all providers (PSA Crypto API 1.1 §9.2 and the Parsec
// contracts). Pure functions; any thread.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"

namespace strongroom::policy {

// One flag of UsageFlags.
using Usage = bool psa::UsageFlags::*;

// Permission to use hashes includes permission to use messages; keys are stored and listed so.
psa::UsageFlags widened(psa::UsageFlags usage) noexcept;

// Whether a key with policy `permitted` may be used with `requested`. Equality, but for signatures
// whose policy permits any hash; a request must name its hash.
bool permits(const psa::Algorithm& permitted, const psa::Algorithm& requested);

// Whether the algorithm makes sense with the key type at all, whatever a provider can do.
bool is_compatible(const psa::Algorithm& algorithm, const psa::KeyType& type);

// Whether anything about a key of these attributes is deprecated: a broken hash anywhere inside its
// algorithm, DES, ARC4, RSA of 1024 bits, or a curve of less than 112 bits of security that the
// contract names. 0 bits, which an import may have, are no RSA size.
bool is_deprecated(const psa::KeyAttributes& attributes);

// PsaErrorNotPermitted when the flag is missing, the policy does not permit the algorithm, or it is
// not compatible with the use or with the key's type, in this order.
Result<> check_use(const psa::KeyAttributes& key, Usage usage, const psa::Algorithm& algorithm);

// PsaErrorInvalidArgument when a new key is to have a setting that its algorithm has no use for:
// whoever asks for drawn nonces and names no AEAD is mistaken about one of them, and would rely on
// a promise that nothing keeps.
Result<> check_settings(const psa::KeyAttributes& key);

// PsaErrorNotPermitted when the key takes nonces that the service draws, and no others.
Result<> check_nonce_of_caller(const psa::KeyAttributes& key);

// PsaErrorNotPermitted; public keys may always be exported.
Result<> check_export(const psa::KeyAttributes& key);

// PsaErrorInvalidArgument when the algorithm names a hash whose digests have another length.
Result<> check_digest_size(const psa::AsymmetricSignature& algorithm, ByteView digest);

}  // namespace strongroom::policy
