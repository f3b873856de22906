// Private keys that a passphrase protects, taken back to what it protects.
#pragma once

#include "base/bytes.h"
#include "client/cli/failure.h"
#include "client/cli/keys/pem.h"

namespace strongroom::cli {

// A PrivateKeyInfo out of an EncryptedPrivateKeyInfo (RFC 5958 §3). InvalidData when the passphrase
// is another one, NotSupported when libcrypto lacks the cipher.
Outcome<SecretBytes> decrypt_private_key_info(ByteView der, ByteView passphrase);

// Whether the headers say that the block is encrypted (RFC 1421 §4.6.1.1), as openssl did by
// default before its version 1.0; and what is in it.
bool is_encrypted(const PemBlock& block);
Outcome<SecretBytes> decrypt_block(PemBlock block, ByteView passphrase);

}  // namespace strongroom::cli
