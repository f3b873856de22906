// Keys on Weierstrass curves: bare scalars and uncompressed points (SEC 1 §2.3) in, out and into
// EVP_PKEYs, and generation.
#pragma once

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// `attributes` has an offered size.
Result<NewKey> generate_ec(const psa::KeyAttributes& attributes);

// attributes.bits is offered, or 0, which takes the curve from the length of the data, unless more
// than one curve of the family has keys of that length. PsaErrorInvalidArgument unless 1 ≤ d < n in
// exactly the scalar's length, or the point is on the curve and of its order.
Result<NewKey> import_ec_pair(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                              ByteView scalar);
Result<NewKey> import_ec_public_key(const Algorithms& algorithms,
                                    const psa::KeyAttributes& attributes, ByteView point);

// From data that an import has checked.
Result<Owned<EVP_PKEY>> ec_pair(const Curve& curve, ByteView scalar, ByteView point);
// PsaErrorInvalidArgument unless the point is uncompressed and on the curve.
Result<Owned<EVP_PKEY>> ec_public_key(const Curve& curve, ByteView point);
// For peers' keys: also not of a small order, where the curve has such points.
Result<Owned<EVP_PKEY>> checked_ec_public_key(const Algorithms& algorithms, const Curve& curve,
                                              ByteView point);

}  // namespace strongroom::software
