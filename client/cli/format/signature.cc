#include "client/cli/format/signature.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "client/cli/format/openssl_handles.h"

namespace strongroom::cli {
namespace {

std::unexpected<Failure> not_a_signature(std::string_view cause) {
  ERR_clear_error();
  return failed(ExitCode::InvalidData, fmt::format("reading the signature: {}", cause));
}

Owned<BIGNUM> number_of(ByteView bytes) {
  return Owned<BIGNUM>(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

std::size_t ecdsa_scalar_size(const psa::KeyType& type, std::uint32_t bits) noexcept {
  bool order_is_longer = (type.curve_family == psa::EccFamily::SecpK1 && bits == 224) ||
                         (type.curve_family == psa::EccFamily::SecpR2 && bits == 160);
  return (bits + (order_is_longer ? 1 : 0) + 7) / 8;
}

Outcome<Bytes> ecdsa_to_der(ByteView raw) {
  if (raw.empty() || raw.size() % 2 != 0)
    return not_a_signature(fmt::format("{} bytes are not two numbers of equal length", raw.size()));
  Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  Owned<BIGNUM> r = number_of(raw.first(raw.size() / 2));
  Owned<BIGNUM> s = number_of(raw.last(raw.size() / 2));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
    return not_a_signature("libcrypto failed");
  std::ignore = r.release();
  std::ignore = s.release();
  int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return not_a_signature("libcrypto failed");
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = octets(MutableByteView(der));
  i2d_ECDSA_SIG(signature.get(), &end);
  return der;
}

Outcome<Bytes> ecdsa_from_der(ByteView der, std::size_t scalar_size) {
  const unsigned char* end = octets(der);
  Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &end, static_cast<long>(der.size())));
  if (!signature || end != octets(der) + der.size())
    return not_a_signature("it is not an ECDSA signature in DER");
  Bytes raw(2 * scalar_size);
  MutableByteView r = MutableByteView(raw).first(scalar_size);
  MutableByteView s = MutableByteView(raw).last(scalar_size);
  int width = static_cast<int>(scalar_size);
  const BIGNUM* r_number = ECDSA_SIG_get0_r(signature.get());
  const BIGNUM* s_number = ECDSA_SIG_get0_s(signature.get());
  bool fits = BN_is_negative(r_number) == 0 && BN_is_negative(s_number) == 0 &&
              BN_bn2binpad(r_number, octets(r), width) == width &&
              BN_bn2binpad(s_number, octets(s), width) == width;
  if (!fits) return not_a_signature("its numbers do not fit the key's curve");
  return raw;
}

}  // namespace strongroom::cli
