// The attributes of keys as Parsec's service keeps them.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"

namespace strongroom::parsec {

// `psa_crypto::types::key::Attributes` in bincode: lifetime, type, bits, usage flags, algorithm.
// The size may be 0, where a client has imported a key without saying it. PsaErrorDataCorrupt for
// anything else.
Result<psa::KeyAttributes> parse_attributes(ByteView stored);

}  // namespace strongroom::parsec
