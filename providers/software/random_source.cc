#include "providers/software/random_source.h"

#include <openssl/rand.h>

#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<SecretBuffer> random_secret(std::size_t size) {
  auto bytes = TRY(SecretBuffer::of_size(size));
  if (size == 0) return bytes;
  if (RAND_priv_bytes_ex(nullptr, octets(bytes.reveal_mutable()), size, 0) != 1)
    return std::unexpected(openssl_error("RAND_priv_bytes_ex"));
  return bytes;
}

}  // namespace strongroom::software
