#include "providers/software/hasher.h"

#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<Bytes> digest_of(const Algorithms& algorithms, psa::Hash hash, ByteView input) {
  const EVP_MD* digest = algorithms.digest(hash);
  if (digest == nullptr)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("hash '{}' is not offered", to_string(hash)));
  Bytes output(psa::digest_size(hash));
  if (EVP_Digest(input.data(), input.size(), octets(MutableByteView(output)), nullptr, digest,
                 nullptr) != 1)
    return std::unexpected(openssl_error("EVP_Digest"));
  return output;
}

}  // namespace strongroom::software
