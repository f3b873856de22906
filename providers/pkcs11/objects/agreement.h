// ECDH and FFDH in a token.
#pragma once

#include "base/secret_buffer.h"
#include "providers/pkcs11/token/session.h"

namespace strongroom::pkcs11 {

// The x coordinate of the point that a pair's private half and the peer's point have in common, in
// `size` bytes. The peer's point is the caller's to have checked.
Outcome<SecretBuffer> shared_secret(Session& session, CK_OBJECT_HANDLE pair, ByteView peer,
                                    std::size_t size);
// The power of the peer's number, which is as long as the prime; as long itself.
Outcome<SecretBuffer> shared_number(Session& session, CK_OBJECT_HANDLE pair, ByteView peer);

}  // namespace strongroom::pkcs11
