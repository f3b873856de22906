// Keys in the groups of RFC 7919: x and y big-endian, both as long as the prime.
#pragma once

#include "base/secret_buffer.h"
#include "providers/facets.h"
#include "providers/software/algorithms.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// In an offered group.
Result<NewKey> generate_dh(const psa::KeyAttributes& attributes, const DhGroup& group);

// attributes.bits is offered, or 0, which takes the group from the length of the data.
// PsaErrorInvalidArgument unless 1 ≤ x < q, or y is in the subgroup of order q.
Result<NewKey> import_dh_pair(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                              ByteView x);
Result<NewKey> import_dh_public_key(const Algorithms& algorithms,
                                    const psa::KeyAttributes& attributes, ByteView y);

// From data that an import has checked.
Result<Owned<EVP_PKEY>> dh_pair(std::uint32_t bits, ByteView x, ByteView y);
// For peers' keys: PsaErrorInvalidArgument unless as long as the prime and in the subgroup.
Result<Owned<EVP_PKEY>> checked_dh_public_key(const DhGroup& group, ByteView y);

}  // namespace strongroom::software
