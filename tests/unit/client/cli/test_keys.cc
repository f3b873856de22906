#include "tests/unit/client/cli/test_keys.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace strongroom::testing {
namespace {

struct ReleaseContext {
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, ReleaseContext>;
using Bio = std::unique_ptr<BIO, ReleaseContext>;

Context context_of(const Key& key) {
  return Context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
}

template <typename Encode, typename Object>
Bytes encoded(Encode encode, Object* object) {
  Bytes der(static_cast<std::size_t>(encode(object, nullptr)));
  unsigned char* end = octets(MutableByteView(der));
  encode(object, &end);
  return der;
}

}  // namespace

Key generate_ecc(const char* curve) {
  return Key(EVP_EC_gen(curve));
}

Key generate_rsa(unsigned bits) {
  return Key(EVP_RSA_gen(bits));
}

Bytes exported_point(const Key& key) {
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &size);
  Bytes point(size);
  EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                  octets(MutableByteView(point)), point.size(), &size);
  return point;
}

Bytes exported_rsa(const Key& key) {
  return encoded(i2d_PublicKey, key.get());
}

Bytes private_info(const Key& key) {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key.get());
  Bytes der = encoded(i2d_PKCS8_PRIV_KEY_INFO, info);
  PKCS8_PRIV_KEY_INFO_free(info);
  return der;
}

Bytes traditional_private(const Key& key) {
  return encoded(i2d_PrivateKey, key.get());
}

Bytes public_info(const Key& key) {
  return encoded(i2d_PUBKEY, key.get());
}

std::string encrypted_pem(const Key& key, std::string_view passphrase) {
  Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  const char* text = nullptr;
  long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Key read_private_pem(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

Key read_public_pem(std::string_view pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
}

Key read_public_der(ByteView der) {
  const unsigned char* end = octets(der);
  return Key(d2i_PUBKEY(nullptr, &end, static_cast<long>(der.size())));
}

Bytes sha256(std::string_view message) {
  Bytes digest(32);
  EVP_Digest(message.data(), message.size(), octets(MutableByteView(digest)), nullptr, EVP_sha256(),
             nullptr);
  return digest;
}

Bytes sign_der(const Key& key, ByteView digest) {
  Context context = context_of(key);
  std::size_t size = 0;
  EVP_PKEY_sign_init(context.get());
  EVP_PKEY_sign(context.get(), nullptr, &size, octets(digest), digest.size());
  Bytes signature(size);
  EVP_PKEY_sign(context.get(), octets(MutableByteView(signature)), &size, octets(digest),
                digest.size());
  signature.resize(size);
  return signature;
}

bool verifies_der(const Key& key, ByteView digest, ByteView signature) {
  Context context = context_of(key);
  EVP_PKEY_verify_init(context.get());
  return EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(digest),
                         digest.size()) == 1;
}

}  // namespace strongroom::testing
