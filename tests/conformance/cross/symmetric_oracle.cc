#include "tests/conformance/cross/symmetric_oracle.h"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace strongroom::conformance::oracle {
namespace {

struct Release {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

constexpr std::size_t kBlock = 16;
constexpr std::size_t kTag = 16;

Owned<EVP_CIPHER> aes(ByteView key, const char* mode) {
  return Owned<EVP_CIPHER>(
      EVP_CIPHER_fetch(nullptr, fmt::format("AES-{}-{}", key.size() * 8, mode).c_str(), nullptr));
}

const char* mode_of(psa::Cipher algorithm) {
  switch (algorithm) {
    case psa::Cipher::Ctr: return "CTR";
    case psa::Cipher::EcbNoPadding: return "ECB";
    default: return "CBC";
  }
}

Bytes mac(const char* name, const char* subalgorithm, ByteView key, ByteView message) {
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, name, nullptr, subalgorithm, nullptr, octets(key), key.size(),
                octets(message), message.size(), octets(MutableByteView(out)), out.size(),
                &size) == nullptr)
    return {};
  out.resize(size);
  return out;
}

const char* name_of(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Sha256: return "SHA2-256";
    case psa::Hash::Sha384: return "SHA2-384";
    case psa::Hash::Sha512: return "SHA2-512";
    default: return "none";
  }
}

}  // namespace

Bytes aes_decrypt(psa::Cipher algorithm, ByteView key, ByteView ciphertext) {
  const std::size_t iv_size = algorithm == psa::Cipher::EcbNoPadding ? 0 : kBlock;
  auto cipher = aes(key, mode_of(algorithm));
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  EVP_DecryptInit_ex2(context.get(), cipher.get(), octets(key),
                      iv_size == 0 ? nullptr : octets(ciphertext), nullptr);
  EVP_CIPHER_CTX_set_padding(context.get(), algorithm == psa::Cipher::CbcPkcs7 ? 1 : 0);
  ciphertext = ciphertext.subspan(iv_size);
  Bytes out(ciphertext.size() + kBlock);
  int first = 0;
  int last = 0;
  if (EVP_DecryptUpdate(context.get(), octets(MutableByteView(out)), &first, octets(ciphertext),
                        static_cast<int>(ciphertext.size())) != 1 ||
      EVP_DecryptFinal_ex(context.get(), octets(MutableByteView(out)) + first, &last) != 1) {
    ERR_clear_error();
    return {};
  }
  out.resize(static_cast<std::size_t>(first) + static_cast<std::size_t>(last));
  return out;
}

Bytes aes_gcm(ByteView key, ByteView nonce, ByteView data, ByteView plaintext) {
  auto cipher = aes(key, "GCM");
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex2(context.get(), cipher.get(), nullptr, nullptr, nullptr);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()),
                      nullptr);
  EVP_EncryptInit_ex2(context.get(), nullptr, octets(key), octets(nonce), nullptr);
  Bytes out(plaintext.size() + kTag);
  unsigned char* text = octets(MutableByteView(out));
  int size = 0;
  EVP_EncryptUpdate(context.get(), nullptr, &size, octets(data), static_cast<int>(data.size()));
  EVP_EncryptUpdate(context.get(), text, &size, octets(plaintext),
                    static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(context.get(), text + size, &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag),
                      text + plaintext.size());
  return out;
}

Bytes hmac(psa::Hash hash, ByteView key, ByteView message) {
  return mac("HMAC", name_of(hash), key, message);
}

Bytes aes_cmac(ByteView key, ByteView message) {
  return mac("CMAC", fmt::format("AES-{}-CBC", key.size() * 8).c_str(), key, message);
}

bool verifies_ed25519(ByteView public_key, ByteView message, ByteView signature) {
  Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(public_key),
                                                  public_key.size()));
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  bool is_good = EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                 EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                  octets(message), message.size()) == 1;
  ERR_clear_error();
  return is_good;
}

}  // namespace strongroom::conformance::oracle
