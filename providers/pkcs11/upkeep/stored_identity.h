// What a token is known by, as it is noted.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "providers/pkcs11/token/slots.h"

namespace strongroom::pkcs11 {

// The label's length in one byte, the label, the serial: CK_TOKEN_INFO has 32 and 16 bytes for
// them.
Bytes to_stored(const TokenIdentity& identity);
// nullopt for what is no such thing.
std::optional<TokenIdentity> identity_from_stored(ByteView stored);

}  // namespace strongroom::pkcs11
