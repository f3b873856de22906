// RSA keys: PKCS#1 (RFC 8017 App. A.1) in, out and into EVP_PKEYs, and generation.
#pragma once

#include <stop_token>

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// `attributes` has an offered size; e is 65537. PsaErrorGenericError once `stop` is requested.
Result<NewKey> generate_rsa(const psa::KeyAttributes& attributes, std::stop_token stop);

// Checks all there is to check: the DER, both primes, and that the nine integers belong together;
// this costs about as much as ten signatures. PsaErrorNotSupported for a size not offered or an
// exponent over 64 bits, which OpenSSL refuses with large moduli; else PsaErrorInvalidArgument.
Result<NewKey> import_rsa_pair(const psa::KeyAttributes& attributes, ByteView der);
Result<NewKey> import_rsa_public_key(const psa::KeyAttributes& attributes, ByteView der);

// From data that an import has checked.
Result<Owned<EVP_PKEY>> rsa_pair(ByteView der);
Result<Owned<EVP_PKEY>> rsa_public_key(ByteView der);

}  // namespace strongroom::software
