#include "providers/software/keys/ec_key.h"

#include <array>

#include <openssl/core_names.h>

#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/numbers.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

constexpr std::byte kUncompressed{0x04};

std::size_t point_size(const Curve& curve) {
  return 1 + 2 * curve.field_size;
}

// For OSSL_PARAMs that OpenSSL only reads.
OSSL_PARAM text_parameter(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}
OSSL_PARAM octets_parameter(const char* name, ByteView value) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(value.data()),
                                           value.size());
}

// The curve of `bits`, or with 0 the only one whose keys are as long as the data.
Result<const Curve*> curve_for(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                               std::size_t data_size, std::size_t (*size_of_key)(const Curve&)) {
  const Curve* found = nullptr;
  for (const Curve& curve : known_curves()) {
    bool is_asked = curve.family == attributes.type.curve_family &&
                    (attributes.bits == 0 || attributes.bits == curve.bits);
    if (!is_asked || algorithms.group(curve) == nullptr || size_of_key(curve) != data_size)
      continue;
    if (found != nullptr)
      return fail(Status::PsaErrorInvalidArgument,
                  fmt::format("{} bytes are a key of more than one curve", data_size));
    found = &curve;
  }
  if (found != nullptr) return found;
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no key of the curve", data_size));
}

NewKey new_key(const psa::KeyAttributes& attributes, const Curve& curve) {
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = curve.bits;
  return key;
}

// d·G. PsaErrorInvalidArgument unless 1 ≤ d < n.
Result<Bytes> public_point(const EC_GROUP* group, const Curve& curve, ByteView scalar) {
  Bytes order(scalar.size());
  if (BN_bn2binpad(EC_GROUP_get0_order(group), octets(MutableByteView(order)),
                   static_cast<int>(order.size())) < 0)
    return std::unexpected(openssl_error("BN_bn2binpad"));
  if (!is_positive_below(scalar, order))
    return fail(Status::PsaErrorInvalidArgument, "the scalar is 0 or not below the curve's order");
  Owned<BN_CTX> scratch(BN_CTX_secure_new());
  Owned<BIGNUM> d(BN_secure_new());
  Owned<EC_POINT> point(EC_POINT_new(group));
  if (!scratch || !d || !point ||
      BN_bin2bn(octets(scalar), static_cast<int>(scalar.size()), d.get()) == nullptr)
    return std::unexpected(openssl_error("BN_bin2bn"));
  Bytes encoded(point_size(curve));
  if (EC_POINT_mul(group, point.get(), d.get(), nullptr, nullptr, scratch.get()) != 1 ||
      EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED,
                         octets(MutableByteView(encoded)), encoded.size(),
                         scratch.get()) != encoded.size())
    return std::unexpected(openssl_error("EC_POINT_mul"));
  return encoded;
}

// Reads a pair's numbers into memory of our own.
Result<NewKey> new_pair_of(const psa::KeyAttributes& attributes, const Curve& curve,
                           EVP_PKEY* pair) {
  NewKey key = new_key(attributes, curve);
  auto scalar = TRY(SecretBuffer::of_size(curve.scalar_size));
  key.material = std::move(scalar);
  key.public_key.resize(point_size(curve));
  std::array parameters = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, octets(key.material.reveal_mutable()),
                              curve.scalar_size),
      octets_parameter(OSSL_PKEY_PARAM_PUB_KEY, key.public_key),
      OSSL_PARAM_construct_end(),
  };
  // Of a scalar OpenSSL writes as many bytes as the order has, which may be fewer; the rest is
  // zero.
  if (EVP_PKEY_get_params(pair, parameters.data()) != 1 ||
      parameters[0].return_size > curve.scalar_size ||
      parameters[1].return_size != key.public_key.size())
    return std::unexpected(openssl_error("EVP_PKEY_get_params"));
  swap_native_order(key.material.reveal_mutable());
  return key;
}

}  // namespace

Result<NewKey> generate_ec(const psa::KeyAttributes& attributes) {
  const Curve& curve = *curve_of(attributes.type, attributes.bits);
  auto pair = TRY(generated_in_group("EC", curve.openssl_name()));
  return new_pair_of(attributes, curve, pair.get());
}

Result<NewKey> import_ec_pair(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                              ByteView scalar) {
  auto size_of_key = [](const Curve& curve) { return curve.scalar_size; };
  const auto* curve = TRY(curve_for(algorithms, attributes, scalar.size(), size_of_key));
  auto point = TRY(public_point(algorithms.group(*curve), *curve, scalar));
  auto material = TRY(SecretBuffer::copy_of(scalar));
  NewKey key = new_key(attributes, *curve);
  key.public_key = std::move(point);
  key.material = std::move(material);
  return key;
}

Result<NewKey> import_ec_public_key(const Algorithms& algorithms,
                                    const psa::KeyAttributes& attributes, ByteView point) {
  const auto* curve = TRY(curve_for(algorithms, attributes, point.size(), &point_size));
  std::ignore = TRY(checked_ec_public_key(algorithms, *curve, point));
  NewKey key = new_key(attributes, *curve);
  key.public_key = copy_of(point);
  return key;
}

Result<Owned<EVP_PKEY>> ec_pair(const Curve& curve, ByteView scalar, ByteView point) {
  auto native = TRY(SecretBuffer::copy_of(scalar));
  swap_native_order(native.reveal_mutable());
  std::array parameters = {
      text_parameter(OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name()),
      octets_parameter(OSSL_PKEY_PARAM_PUB_KEY, point),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, octets(native.reveal_mutable()),
                              native.size()),
      OSSL_PARAM_construct_end(),
  };
  return key_from_parameters("EC", EVP_PKEY_KEYPAIR, parameters.data());
}

Result<Owned<EVP_PKEY>> ec_public_key(const Curve& curve, ByteView point) {
  if (point.size() != point_size(curve) || point[0] != kUncompressed)
    return fail(Status::PsaErrorInvalidArgument, "the key is not an uncompressed point");
  std::array parameters = {
      text_parameter(OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name()),
      octets_parameter(OSSL_PKEY_PARAM_PUB_KEY, point),
      OSSL_PARAM_construct_end(),
  };
  return key_from_parameters("EC", EVP_PKEY_PUBLIC_KEY, parameters.data());
}

// On a curve of cofactor 1 every point but infinity, which has no such encoding, is of the curve's
// order (SP 800-56A Rev. 3 §5.6.2.3.4): no need to multiply.
Result<Owned<EVP_PKEY>> checked_ec_public_key(const Algorithms& algorithms, const Curve& curve,
                                              ByteView point) {
  auto key = TRY(ec_public_key(curve, point));
  if (!BN_is_one(EC_GROUP_get0_cofactor(algorithms.group(curve)))) TRY(check_public_key(key.get()));
  return key;
}

}  // namespace strongroom::software
