// Keys made by libcrypto, to check by a second hand what the CLI writes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "base/bytes.h"

namespace strongroom::testing {

struct ReleaseKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, ReleaseKey>;

// `curve` as libcrypto calls it.
Key generate_ecc(const char* curve);
Key generate_rsa(unsigned bits);

// As the protocol has them: an uncompressed point; an RSAPublicKey.
Bytes exported_point(const Key& key);
Bytes exported_rsa(const Key& key);

// As files have them: PrivateKeyInfo; RSAPrivateKey or ECPrivateKey; SubjectPublicKeyInfo.
Bytes private_info(const Key& key);
Bytes traditional_private(const Key& key);
Bytes public_info(const Key& key);
// "PRIVATE KEY", encrypted with a passphrase as PKCS#8.
std::string encrypted_pem(const Key& key, std::string_view passphrase);

// What openssl reads; empty when it cannot.
Key read_public_pem(std::string_view pem);
Key read_public_der(ByteView der);
Key read_private_pem(std::string_view pem);

Bytes sha256(std::string_view message);
// ECDSA, as Ecdsa-Sig-Value.
Bytes sign_der(const Key& key, ByteView digest);
bool verifies_der(const Key& key, ByteView digest, ByteView signature);

}  // namespace strongroom::testing
