#include "providers/software/signing/eddsa.h"

#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<Bytes> eddsa_signature(EVP_PKEY* pair, std::size_t size, ByteView message) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  Bytes signature(size);
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, pair, nullptr) !=
          1 ||
      EVP_DigestSign(context.get(), octets(MutableByteView(signature)), &size, octets(message),
                     message.size()) != 1 ||
      size != signature.size())
    return std::unexpected(openssl_error("EVP_DigestSign"));
  return signature;
}

Result<> verify_eddsa(EVP_PKEY* key, ByteView message, ByteView signature) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context ||
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1)
    return std::unexpected(openssl_error("EVP_DigestVerifyInit_ex"));
  if (EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                       message.size()) == 1)
    return {};
  return std::unexpected(openssl_refusal("EVP_DigestVerify", Status::PsaErrorInvalidSignature));
}

}  // namespace strongroom::software
