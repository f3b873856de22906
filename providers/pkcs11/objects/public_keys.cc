#include "providers/pkcs11/objects/public_keys.h"

#include <algorithm>
#include <array>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::byte kUncompressed{4};
constexpr std::byte kOctetString{4};
constexpr std::byte kOneLengthByte{0x81};
constexpr std::size_t kLongestShortLength = 127;
constexpr std::size_t kLongestOid = 32;
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

bool is_point(ByteView bytes, std::size_t size) {
  return bytes.size() == size && bytes[0] == kUncompressed;
}

}  // namespace

Result<Bytes> ec_parameters_of(const software::Curve& curve) {
  std::array<unsigned char, kLongestOid> der{};
  const ASN1_OBJECT* oid = OBJ_nid2obj(curve.nid);
  int size = oid == nullptr ? -1 : i2d_ASN1_OBJECT(oid, nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > der.size())
    return fail(Status::PsaErrorNotSupported, "the curve has no name");
  unsigned char* end = der.data();
  i2d_ASN1_OBJECT(oid, &end);
  return copy_of(std::as_bytes(std::span(der)).first(static_cast<std::size_t>(size)));
}

Bytes wrapped_point(ByteView point) {
  Bytes wrapped = octet_string_header(point.size());
  wrapped.insert(wrapped.end(), point.begin(), point.end());
  return wrapped;
}

// Octets of the right length that begin with 4 are a bare point: an OCTET STRING is longer.
Outcome<Bytes> bare_point(ByteView value, std::size_t size) {
  if (is_point(value, size)) return copy_of(value);
  Bytes header = octet_string_header(size);
  if (value.size() != header.size() + size ||
      !std::ranges::equal(value.first(header.size()), header) ||
      !is_point(value.subspan(header.size()), size))
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

Outcome<Bytes> ec_public_key_of(Session& session, CK_OBJECT_HANDLE object,
                                const software::Curve& curve) {
  const std::size_t size = 1 + 2 * curve.field_size;
  auto value = TRY(attribute(session, object, CKA_EC_POINT, size + 3));
  if (!value) return not_a_key();
  return bare_point(*value, size);
}

}  // namespace strongroom::pkcs11
