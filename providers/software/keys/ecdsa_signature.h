// ECDSA signatures: r‖s with fixed widths on our side, DER (RFC 3279 §2.2.3) on OpenSSL's.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::software {

// r‖s, each `scalar_size` bytes, big-endian. `der` is OpenSSL's own: what is no such signature is
// PsaErrorGenericError.
Result<Bytes> ecdsa_from_der(ByteView der, std::size_t scalar_size);

// `signature` is r‖s of an even length; any values are accepted.
Bytes ecdsa_to_der(ByteView signature);

}  // namespace strongroom::software
