// Keys that are strings of bytes: symmetric ones, HMAC's, those to derive from, raw data.
#pragma once

#include "providers/facets.h"
#include "providers/software/algorithms.h"

namespace strongroom::software {

// `attributes` has an offered size. DES keys get their parity.
Result<NewKey> generate_symmetric(const psa::KeyAttributes& attributes);

// attributes.bits is offered, or 0. PsaErrorInvalidArgument for data of a size that the type does
// not have, for DES keys without odd parity (the format has it) or, of two or three, with the same
// one twice in a row (SP 800-67 Rev. 2 §3.2: that is single DES), and for XTS keys of equal halves.
Result<NewKey> import_symmetric(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                                ByteView data);

// FIPS 46-3: makes the number of ones in each byte odd by its last bit.
void set_des_parity(MutableByteView key) noexcept;

}  // namespace strongroom::software
