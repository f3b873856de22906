// What a token means when it does not decrypt.
#pragma once

#include "base/secret_buffer.h"
#include "providers/pkcs11/token/session.h"

namespace strongroom::pkcs11 {

// `refusal` when the ciphertext is to blame: padding or tag. Tokens say it in several ways.
Outcome<SecretBuffer> with_failure_told(const Session& session, Outcome<SecretBuffer> plaintext,
                                        Status refusal);

}  // namespace strongroom::pkcs11
