// A second opinion: OpenSSL reached by other ways than the provider under test may use. A call that
// OpenSSL refuses answers false or empty.
#pragma once

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance::oracle {

Bytes digest(psa::Hash hash, ByteView message);

// RSAPublicKey out of RSAPrivateKey.
Bytes rsa_public_der(ByteView pair_der);

// Is it a private key that OpenSSL reads and finds consistent, with this public key?
bool is_rsa_pair(ByteView pair_der, ByteView public_der);

// `public_key` is RSAPublicKey, or a point on the SECP_R1 curve of `bits`. PSS salts are as long as
// the hash.
bool verifies(ByteView public_key, std::uint32_t bits, const psa::AsymmetricSignature& algorithm,
              ByteView hash, ByteView signature);

Bytes rsa_encrypt(ByteView public_der, const psa::AsymmetricEncryption& algorithm,
                  ByteView plaintext, ByteView label);
// m^e mod n of a whole padded block.
Bytes rsa_encrypt_block(ByteView public_der, ByteView block);

}  // namespace strongroom::conformance::oracle
