// HMAC (RFC 2104) as a building block of key derivations.
#pragma once

#include <initializer_list>

#include "base/secret_buffer.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// One key, for many messages. Owned by one thread at a time.
class Hmac {
 public:
  // `hmac` is libcrypto's algorithm.
  static Result<Hmac> keyed(EVP_MAC* hmac, const EVP_MD* digest, ByteView key);

  // Of the pieces, one after the other.
  Result<SecretBuffer> of(std::initializer_list<ByteView> pieces) const;

 private:
  Hmac(Owned<EVP_MAC_CTX> keyed, std::size_t size) noexcept
      : keyed_(std::move(keyed)), size_(size) {}

  Owned<EVP_MAC_CTX> keyed_;  // only ever duplicated
  std::size_t size_;
};

}  // namespace strongroom::software
