// Keys on Curve25519 and Curve448: scalars and u coordinates as RFC 7748 §5 encodes them, both
// little-endian and of one length.
#pragma once

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// `attributes` has an offered size.
Result<NewKey> generate_montgomery(const psa::KeyAttributes& attributes);

// attributes.bits is offered, or 0, which takes the curve from the length of the data: any data of
// that length are a key. What RFC 7748 masks is kept masked, so that an export gives what computing
// uses.
Result<NewKey> import_montgomery_pair(const Algorithms& algorithms,
                                      const psa::KeyAttributes& attributes, ByteView scalar);
Result<NewKey> import_montgomery_public_key(const Algorithms& algorithms,
                                            const psa::KeyAttributes& attributes, ByteView u);

Result<Owned<EVP_PKEY>> montgomery_pair(const MontgomeryCurve& curve, ByteView scalar);
// PsaErrorInvalidArgument unless of the curve's length.
Result<Owned<EVP_PKEY>> montgomery_public_key(const MontgomeryCurve& curve, ByteView u);

}  // namespace strongroom::software
