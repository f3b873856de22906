// Keys on edwards25519 and edwards448: private keys as RFC 8032 §5.1.5 and §5.2.5 draw them, before
// they are hashed, and encoded points (§5.1.2, §5.2.2), both of one length.
#pragma once

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// `attributes` has an offered size.
Result<NewKey> generate_edwards(const psa::KeyAttributes& attributes);

// attributes.bits is offered, or 0, which takes the curve from the length of the data. Any data of
// that length are a private key; of public ones check_edwards_point() judges.
Result<NewKey> import_edwards_pair(const Algorithms& algorithms,
                                   const psa::KeyAttributes& attributes, ByteView secret);
Result<NewKey> import_edwards_public_key(const Algorithms& algorithms,
                                         const psa::KeyAttributes& attributes, ByteView point);

}  // namespace strongroom::software
