// What statements and credentials are made of, with libcrypto.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include <openssl/evp.h>

#include "client/attestation/structures.h"

namespace strongroom::attestation {

struct CryptoRelease {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, CryptoRelease>;

// nullptr for what is no hash.
const EVP_MD* digest_of(Algorithm hash) noexcept;
// Empty when libcrypto cannot.
Bytes digest(Algorithm hash, std::initializer_list<ByteView> parts);

// Field::PublicKey for what is no key: a point that is not on its curve, a modulus of another
// length than it says, RSA below 2048 bits, another curve than P-256, P-384 and P-521.
Verified<Owned<EVP_PKEY>> key_of(const PublicArea& area);
// SubjectPublicKeyInfo, DER.
Verified<Bytes> subject_public_key_info(EVP_PKEY* key);

// Field::Signature. SHA-1 does not count.
Verified<> check_signature(EVP_PKEY* key, const Signature& signature, ByteView message);

}  // namespace strongroom::attestation
