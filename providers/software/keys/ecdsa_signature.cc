#include "providers/software/keys/ecdsa_signature.h"

#include <openssl/ec.h>

#include "providers/software/openssl_error.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

Result<Bytes> ecdsa_from_der(ByteView der, std::size_t scalar_size) {
  const unsigned char* input = octets(der);
  Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &input, static_cast<long>(der.size())));
  if (!signature) return std::unexpected(openssl_error("d2i_ECDSA_SIG"));
  Bytes fixed(2 * scalar_size);
  auto width = static_cast<int>(scalar_size);
  unsigned char* output = octets(MutableByteView(fixed));
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), output, width) != width ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), output + width, width) != width)
    return std::unexpected(openssl_error("BN_bn2binpad"));
  return fixed;
}

Result<Bytes> ecdsa_to_der(ByteView signature) {
  auto width = static_cast<int>(signature.size() / 2);
  Owned<ECDSA_SIG> native(ECDSA_SIG_new());
  Owned<BIGNUM> r(BN_bin2bn(octets(signature), width, nullptr));
  Owned<BIGNUM> s(BN_bin2bn(octets(signature) + width, width, nullptr));
  if (!native || !r || !s) return std::unexpected(openssl_error("BN_bin2bn"));
  ECDSA_SIG_set0(native.get(), r.release(), s.release());
  int size = i2d_ECDSA_SIG(native.get(), nullptr);
  if (size <= 0) return std::unexpected(openssl_error("i2d_ECDSA_SIG"));
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* output = octets(MutableByteView(der));
  i2d_ECDSA_SIG(native.get(), &output);
  return der;
}

}  // namespace strongroom::software
