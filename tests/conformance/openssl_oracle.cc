#include "tests/conformance/openssl_oracle.h"

#include <memory>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/support/hex.h"

namespace strongroom::conformance::oracle {
namespace {

using testing::from_hex;

struct Release {
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

const EVP_MD* evp_hash(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Sha224: return EVP_sha224();
    case psa::Hash::Sha256: return EVP_sha256();
    case psa::Hash::Sha384: return EVP_sha384();
    case psa::Hash::Sha512: return EVP_sha512();
    case psa::Hash::Sha512_224: return EVP_sha512_224();
    case psa::Hash::Sha512_256: return EVP_sha512_256();
    default: return nullptr;
  }
}

Owned<EVP_PKEY> rsa_pair(ByteView der) {
  const unsigned char* input = octets(der);
  return Owned<EVP_PKEY>(
      d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &input, static_cast<long>(der.size())));
}

Owned<EVP_PKEY> rsa_public_key(ByteView der) {
  const unsigned char* input = octets(der);
  return Owned<EVP_PKEY>(
      d2i_PublicKey(EVP_PKEY_RSA, nullptr, &input, static_cast<long>(der.size())));
}

// What SubjectPublicKeyInfo has in front of a point (RFC 5480 §2).
std::string_view key_info_prefix(std::uint32_t bits) {
  if (bits == 256) return "3059301306072a8648ce3d020106082a8648ce3d030107034200";
  if (bits == 384) return "3076301006072a8648ce3d020106052b81040022036200";
  return "30819b301006072a8648ce3d020106052b8104002303818600";
}

Owned<EVP_PKEY> ec_public_key(std::uint32_t bits, ByteView point) {
  Bytes der = from_hex(key_info_prefix(bits));
  der.insert(der.end(), point.begin(), point.end());
  const unsigned char* input = octets(ByteView(der));
  return Owned<EVP_PKEY>(d2i_PUBKEY(nullptr, &input, static_cast<long>(der.size())));
}

Bytes to_der(ByteView signature) {
  auto width = static_cast<int>(signature.size() / 2);
  Owned<ECDSA_SIG> native(ECDSA_SIG_new());
  ECDSA_SIG_set0(native.get(), BN_bin2bn(octets(signature), width, nullptr),
                 BN_bin2bn(octets(signature) + width, width, nullptr));
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(native.get(), nullptr)));
  unsigned char* output = octets(MutableByteView(der));
  i2d_ECDSA_SIG(native.get(), &output);
  return der;
}

Bytes encrypt(EVP_PKEY_CTX* context, ByteView plaintext) {
  std::size_t size = 0;
  EVP_PKEY_encrypt(context, nullptr, &size, octets(plaintext), plaintext.size());
  Bytes ciphertext(size);
  if (EVP_PKEY_encrypt(context, octets(MutableByteView(ciphertext)), &size, octets(plaintext),
                       plaintext.size()) != 1)
    return {};
  return ciphertext;
}

}  // namespace

Bytes digest(psa::Hash hash, ByteView message) {
  Bytes output(psa::digest_size(hash));
  EVP_Digest(message.data(), message.size(), octets(MutableByteView(output)), nullptr,
             evp_hash(hash), nullptr);
  return output;
}

Bytes rsa_public_der(ByteView pair_der) {
  auto pair = rsa_pair(pair_der);
  Bytes der(static_cast<std::size_t>(i2d_PublicKey(pair.get(), nullptr)));
  unsigned char* output = octets(MutableByteView(der));
  i2d_PublicKey(pair.get(), &output);
  return der;
}

bool is_rsa_pair(ByteView pair_der, ByteView public_der) {
  auto pair = rsa_pair(pair_der);
  if (!pair || rsa_public_der(pair_der) != copy_of(public_der)) return false;
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(pair.get(), nullptr));
  return EVP_PKEY_check(context.get()) == 1;
}

bool verifies(ByteView public_key, std::uint32_t bits, const psa::AsymmetricSignature& algorithm,
              ByteView hash, ByteView signature) {
  bool is_ecdsa = algorithm.kind == psa::AsymmetricSignature::Kind::Ecdsa;
  auto key = is_ecdsa ? ec_public_key(bits, public_key) : rsa_public_key(public_key);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  if (!is_ecdsa) {
    bool is_pss = algorithm.kind == psa::AsymmetricSignature::Kind::RsaPss;
    EVP_PKEY_CTX_set_rsa_padding(context.get(), is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING);
    if (is_pss) EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST);
  }
  EVP_PKEY_CTX_set_signature_md(context.get(), evp_hash(*algorithm.hash));
  Bytes der = is_ecdsa ? to_der(signature) : copy_of(signature);
  bool is_good = EVP_PKEY_verify(context.get(), octets(ByteView(der)), der.size(), octets(hash),
                                 hash.size()) == 1;
  ERR_clear_error();
  return is_good;
}

Bytes rsa_encrypt(ByteView public_der, const psa::AsymmetricEncryption& algorithm,
                  ByteView plaintext, ByteView label) {
  auto key = rsa_public_key(public_der);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  if (!algorithm.hash) {
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
    return encrypt(context.get(), plaintext);
  }
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), evp_hash(*algorithm.hash));
  if (!label.empty())
    EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), OPENSSL_memdup(label.data(), label.size()),
                                     static_cast<int>(label.size()));
  return encrypt(context.get(), plaintext);
}

Bytes rsa_encrypt_block(ByteView public_der, ByteView block) {
  auto key = rsa_public_key(public_der);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING);
  return encrypt(context.get(), block);
}

}  // namespace strongroom::conformance::oracle
