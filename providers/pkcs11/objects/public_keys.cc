#include "providers/pkcs11/objects/public_keys.h"

#include <algorithm>
#include <array>

#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::byte kUncompressed{4};
constexpr std::byte kOctetString{4};
constexpr std::byte kOneLengthByte{0x81};
constexpr std::size_t kLongestShortLength = 127;
// RSA-16384, and an exponent as long.
constexpr std::size_t kLongestNumber = 2048;

std::unexpected<Pkcs11Error> not_a_key() {
  return std::unexpected(
      malformed_answer("C_GetAttributeValue", "a public key of another size or form"));
}

// In front of a point in an OCTET STRING; no curve's is longer than 255 bytes.
Bytes octet_string_header(std::size_t size) {
  Bytes header = {kOctetString};
  if (size > kLongestShortLength) header.push_back(kOneLengthByte);
  header.push_back(static_cast<std::byte>(size));
  return header;
}

bool is_point(ByteView bytes, const TokenCurve& curve) {
  return bytes.size() == curve.point_size && (!curve.is_weierstrass() || bytes[0] == kUncompressed);
}

}  // namespace

Bytes wrapped_point(ByteView point) {
  Bytes wrapped = octet_string_header(point.size());
  wrapped.insert(wrapped.end(), point.begin(), point.end());
  return wrapped;
}

// Octets of the right length are a bare point: an OCTET STRING is longer.
Outcome<Bytes> bare_point(ByteView value, const TokenCurve& curve) {
  if (is_point(value, curve)) return copy_of(value);
  Bytes header = octet_string_header(curve.point_size);
  if (value.size() != header.size() + curve.point_size ||
      !std::ranges::equal(value.first(header.size()), header) ||
      !is_point(value.subspan(header.size()), curve))
    return not_a_key();
  return copy_of(value.subspan(header.size()));
}

Outcome<Bytes> rsa_public_key_of(Session& session, CK_OBJECT_HANDLE object, std::uint32_t bits) {
  auto modulus = TRY(attribute(session, object, CKA_MODULUS, kLongestNumber));
  auto exponent = TRY(attribute(session, object, CKA_PUBLIC_EXPONENT, kLongestNumber));
  if (!modulus || !exponent || software::bit_length(*modulus) != bits) return not_a_key();
  const std::array integers = {software::without_leading_zeros(*modulus),
                               software::without_leading_zeros(*exponent)};
  if (integers[1].empty()) return not_a_key();
  Bytes der(software::size_of_integers(integers));
  software::write_integers(integers, der);
  return der;
}

Outcome<Bytes> dh_public_key_of(Session& session, CK_OBJECT_HANDLE object, std::uint32_t bits) {
  auto value = TRY(attribute(session, object, CKA_VALUE, bits / 8));
  if (!value || value->empty()) return not_a_key();
  value->insert(value->begin(), bits / 8 - value->size(), std::byte{0});
  return *std::move(value);
}

Outcome<Bytes> ec_public_key_of(Session& session, CK_OBJECT_HANDLE object,
                                const TokenCurve& curve) {
  constexpr std::size_t kLongestHeader = 3;
  auto value = TRY(attribute(session, object, CKA_EC_POINT, curve.point_size + kLongestHeader));
  if (!value) return not_a_key();
  return bare_point(*value, curve);
}

}  // namespace strongroom::pkcs11
