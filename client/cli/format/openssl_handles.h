// How each OpenSSL object that commands use is given back.
#pragma once

#include <memory>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace strongroom::cli {

struct OpensslRelease {
  void operator()(ASN1_OBJECT* object) const noexcept { ASN1_OBJECT_free(object); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(EC_GROUP* group) const noexcept { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const noexcept { EC_POINT_free(point); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(X509_NAME* name) const noexcept { X509_NAME_free(name); }
  void operator()(X509_REQ* request) const noexcept { X509_REQ_free(request); }
  void operator()(X509_SIG* encrypted) const noexcept { X509_SIG_free(encrypted); }
  // Of what i2d functions allocate. For secrets there is SecretBytes.
  void operator()(unsigned char* encoded) const noexcept { OPENSSL_free(encoded); }
};
template <typename T>
using Owned = std::unique_ptr<T, OpensslRelease>;

}  // namespace strongroom::cli
