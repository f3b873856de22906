// What openssl_oracle.h is for keys of pairs, for others: libcrypto itself, by its name for a
// thing.
#pragma once

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance::oracle {

// Without the IV in front, and without padding; empty when libcrypto refuses.
Bytes aes_decrypt(psa::Cipher algorithm, ByteView key, ByteView ciphertext);
// With a tag of 16 bytes behind.
Bytes aes_gcm(ByteView key, ByteView nonce, ByteView data, ByteView plaintext);

Bytes hmac(psa::Hash hash, ByteView key, ByteView message);
Bytes aes_cmac(ByteView key, ByteView message);

bool verifies_ed25519(ByteView public_key, ByteView message, ByteView signature);

}  // namespace strongroom::conformance::oracle
