// A second opinion: OpenSSL reached by other ways than the provider under test may use. A call that
// OpenSSL refuses answers false or empty.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance::oracle {

Bytes digest(psa::Hash hash, ByteView message);

// RSAPublicKey out of RSAPrivateKey.
Bytes rsa_public_der(ByteView pair_der);

// Is it a private key that OpenSSL reads and finds consistent, with this public key?
bool is_rsa_pair(ByteView pair_der, ByteView public_der);

// `public_key` is RSAPublicKey, or a point on the curve. PSS salts are as long as the hash.
bool verifies(const psa::KeyType& type, std::uint32_t bits, ByteView public_key,
              const psa::AsymmetricSignature& algorithm, ByteView hash, ByteView signature);

Bytes rsa_encrypt(ByteView public_der, const psa::AsymmetricEncryption& algorithm,
                  ByteView plaintext, ByteView label);
// m^e mod n of a whole padded block.
Bytes rsa_encrypt_block(ByteView public_der, ByteView block);

// A Weierstrass curve, as far as keys show it.
struct Curve {
  Bytes order;
  std::size_t field_size;
  std::size_t scalar_size;
  bool has_cofactor;  // other than 1
};
// Empty for what OpenSSL has no curve for.
std::optional<Curve> curve_of(const psa::KeyType& type, std::uint32_t bits);
// d·G, and the x coordinate of d·P, both of a size as above.
Bytes ec_public_point(const psa::KeyType& type, std::uint32_t bits, ByteView scalar);
Bytes ecdh(const psa::KeyType& type, std::uint32_t bits, ByteView scalar, ByteView point);

// Of X25519 and X448; empty for other sizes.
Bytes montgomery_public_key(std::uint32_t bits, ByteView scalar);

// The prime of an RFC 7919 group, base^exponent modulo it, and the sum of a number and a small one;
// all as long as the prime. Empty for sizes without a group.
Bytes dh_prime(std::uint32_t bits);
Bytes dh_power(std::uint32_t bits, ByteView base, ByteView exponent);
Bytes plus(ByteView number, int small);

}  // namespace strongroom::conformance::oracle
