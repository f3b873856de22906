#include "providers/software/derivation/hmac.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<Hmac> Hmac::keyed(EVP_MAC* hmac, const EVP_MD* digest, ByteView key) {
  auto* name = const_cast<char*>(EVP_MD_get0_name(digest));
  std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                           OSSL_PARAM_construct_end()};
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(hmac));
  if (!context || EVP_MAC_init(context.get(), octets(key), key.size(), parameters.data()) != 1)
    return std::unexpected(openssl_error("EVP_MAC_init"));
  return Hmac(std::move(context), static_cast<std::size_t>(EVP_MD_get_size(digest)));
}

Result<SecretBuffer> Hmac::of(std::initializer_list<ByteView> pieces) const {
  auto mac = TRY(SecretBuffer::of_size(size_));
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_dup(keyed_.get()));
  bool is_good = context != nullptr;
  for (ByteView piece : pieces)
    is_good = is_good && EVP_MAC_update(context.get(), octets(piece), piece.size()) == 1;
  std::size_t size = 0;
  if (!is_good ||
      EVP_MAC_final(context.get(), octets(mac.reveal_mutable()), &size, mac.size()) != 1)
    return std::unexpected(openssl_error("EVP_MAC_final"));
  return mac;
}

}  // namespace strongroom::software
