#include "client/cli/keys/encrypted_key.h"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "client/cli/format/openssl_handles.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {
namespace {

std::unexpected<Failure> wrong_passphrase() {
  ERR_clear_error();
  return failed(ExitCode::InvalidData, "the passphrase is not the one that it is encrypted with");
}

std::unexpected<Failure> unknown_cipher() {
  ERR_clear_error();
  return failed(ExitCode::NotSupported,
                "it is encrypted in a way that this machine's libcrypto lacks",
                "'openssl pkcs8 -topk8 -v2 aes-256-cbc' with '-provider legacy' may rewrite it");
}

// What libcrypto says when unpadding fails is that the key was wrong.
bool is_bad_decrypt(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  return (ERR_GET_LIB(code) == ERR_LIB_PROV) ||
         (ERR_GET_LIB(code) == ERR_LIB_EVP && reason == EVP_R_BAD_DECRYPT) ||
         (ERR_GET_LIB(code) == ERR_LIB_PKCS12 && reason == PKCS12_R_PKCS12_CIPHERFINAL_ERROR);
}

// Memory of libcrypto that holds a secret.
struct Cleared {
  unsigned char* bytes = nullptr;
  int size = 0;
  Cleared() = default;
  Cleared(const Cleared&) = delete;
  Cleared& operator=(const Cleared&) = delete;
  ~Cleared() { OPENSSL_clear_free(bytes, static_cast<std::size_t>(std::max(size, 0))); }
  ByteView view() const { return std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))); }
};

int give_passphrase(char* buffer, int size, int /*is_writing*/, void* passphrase) {
  ByteView bytes = *static_cast<ByteView*>(passphrase);
  if (bytes.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, bytes.data(), bytes.size());
  return static_cast<int>(bytes.size());
}

}  // namespace

Outcome<SecretBytes> decrypt_private_key_info(ByteView der, ByteView passphrase) {
  const unsigned char* end = octets(der);
  Owned<X509_SIG> encrypted(d2i_X509_SIG(nullptr, &end, static_cast<long>(der.size())));
  if (!encrypted) {
    ERR_clear_error();
    return failed(ExitCode::InvalidData, "its encrypted key is not in the form of PKCS#8");
  }
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* data = nullptr;
  X509_SIG_get0(encrypted.get(), &algorithm, &data);
  Cleared plain;
  unsigned char* done =
      PKCS12_pbe_crypt_ex(algorithm, text_of(passphrase).data(),
                          static_cast<int>(passphrase.size()), ASN1_STRING_get0_data(data),
                          ASN1_STRING_length(data), &plain.bytes, &plain.size, 0, nullptr, nullptr);
  if (done == nullptr) {
    plain.bytes = nullptr;
    return is_bad_decrypt(ERR_peek_error()) ? wrong_passphrase() : unknown_cipher();
  }
  // One wrong passphrase in some hundred leaves padding that looks right.
  if (!der::content_of(plain.view(), der::kSequence)) return wrong_passphrase();
  return SecretBytes(plain.view().begin(), plain.view().end());
}

bool is_encrypted(const PemBlock& block) {
  return block.headers.find("ENCRYPTED") != std::string::npos;
}

Outcome<SecretBytes> decrypt_block(PemBlock block, ByteView passphrase) {
  EVP_CIPHER_INFO cipher{};
  if (PEM_get_EVP_CIPHER_INFO(block.headers.data(), &cipher) != 1) return unknown_cipher();
  auto size = static_cast<long>(block.data.size());
  if (PEM_do_header(&cipher, octets(MutableByteView(block.data)), &size, give_passphrase,
                    &passphrase) != 1)
    return wrong_passphrase();
  block.data.resize(static_cast<std::size_t>(size));
  if (!der::content_of(block.data, der::kSequence)) return wrong_passphrase();
  return std::move(block.data);
}

}  // namespace strongroom::cli
