#include "client/cli/keys/private_key.h"

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kRsaIntegers = 9;  // with the version

psa::KeyType pair_on(const Curve& curve) {
  return {psa::KeyType::Kind::EccKeyPair, curve.family};
}

// Old libraries left out the scalar's leading zeros (RFC 5915 §3 wants them).
Outcome<KeyMaterial> from_scalar(const Curve& curve, ByteView scalar) {
  std::size_t size = curve.private_size();
  while (scalar.size() > size && scalar.front() == std::byte{0})
    scalar = scalar.subspan(1);
  bool may_be_padded = curve.is_weierstrass() && !scalar.empty();
  if (scalar.size() > size || (scalar.size() < size && !may_be_padded))
    return not_a_key(
        fmt::format("its private key has {} bytes, where its curve has {}", scalar.size(), size));
  SecretBytes data(size - scalar.size());
  data.insert(data.end(), scalar.begin(), scalar.end());
  return KeyMaterial{.type = pair_on(curve), .bits = curve.bits, .data = std::move(data)};
}

// The ECPrivateKey's content, behind the version.
Outcome<KeyMaterial> from_ec_fields(der::Reader& fields, std::optional<ByteView> parameters) {
  std::optional<ByteView> scalar = fields.take(der::kOctetString);
  if (std::optional<ByteView> own = fields.take(der::constructed(0))) parameters = own;
  if (!scalar) return not_a_key("its EC private key is not in the form of RFC 5915");
  if (!parameters) return not_a_key("its EC private key does not name its curve");
  const Curve* curve = TRY(named_curve(*parameters));
  return from_scalar(*curve, *scalar);
}

Outcome<KeyMaterial> from_curve_private_key(const Curve& curve, ByteView key) {
  if (!curve.is_weierstrass()) {
    std::optional<ByteView> scalar = der::content_of(key, der::kOctetString);
    if (!scalar) return not_a_key("its private key is not in the form of RFC 8410");
    return from_scalar(curve, *scalar);
  }
  SecretBytes parameters = der::object_identifier(curve.identifier);
  return from_ec_private_key(key, parameters);
}

}  // namespace

Outcome<KeyMaterial> from_rsa_private_key(ByteView der) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> version = fields.take_unsigned();
  std::optional<ByteView> modulus = fields.take_unsigned();
  bool is_complete = version && modulus && !modulus->empty();
  for (std::size_t i = 2; i < kRsaIntegers && is_complete; ++i)
    is_complete = fields.take_unsigned().has_value();
  if (is_complete && !version->empty())
    return failed(ExitCode::NotSupported, "its RSA key has more than two primes");
  if (!is_complete || !fields.is_empty())
    return not_a_key("its RSA private key is not in the form of PKCS#1");
  return KeyMaterial{.type = {psa::KeyType::Kind::RsaKeyPair, std::nullopt},
                     .bits = bit_length(*modulus),
                     .data = SecretBytes(der.begin(), der.end())};
}

Outcome<KeyMaterial> from_ec_private_key(ByteView der, std::optional<ByteView> parameters) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> version = fields.take_unsigned();
  if (!version || version->size() != 1 || version->front() != std::byte{1})
    return not_a_key("its EC private key is not in the form of RFC 5915");
  return from_ec_fields(fields, parameters);
}

Outcome<KeyMaterial> from_private_key_info(ByteView der) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> version = fields.take_unsigned();
  std::optional<ByteView> algorithm = fields.take(der::kSequence);
  std::optional<ByteView> key = fields.take(der::kOctetString);
  if (!version || !algorithm || !key)
    return not_a_key("its private key is not in the form of PKCS#8");
  KeyAlgorithm kind = TRY(key_algorithm(*algorithm));
  if (kind.curve == nullptr) return from_rsa_private_key(*key);
  return from_curve_private_key(*kind.curve, *key);
}

Outcome<SecretBytes> private_key_info(const KeyMaterial& key, ByteView point) {
  SecretBytes version = der::small_integer(0);
  if (key.type.is_rsa()) {
    SecretBytes algorithm = der::element(
        der::kSequence, {der::object_identifier(oid::kRsa), der::element(der::kNull, {})});
    return der::element(der::kSequence,
                        {version, algorithm, der::element(der::kOctetString, {key.data})});
  }
  const Curve* curve = key.type.is_ecc() ? curve_of(key.type, key.bits) : nullptr;
  if (curve == nullptr)
    return failed(ExitCode::NotSupported,
                  fmt::format("encoding a key of type {}: PKCS#8 has no form for it",
                              type_name(key.type, key.bits)),
                  "--out-format raw writes what the service gave");
  SecretBytes name = der::object_identifier(curve->identifier);
  SecretBytes octets = der::element(der::kOctetString, {key.data});
  if (!curve->is_weierstrass())
    return der::element(der::kSequence, {version, der::element(der::kSequence, {name}),
                                         der::element(der::kOctetString, {octets})});
  SecretBytes public_key;
  if (!point.empty()) public_key = der::element(der::constructed(1), {der::bit_string(point)});
  SecretBytes ec_key = der::element(der::kSequence, {der::small_integer(1), octets, public_key});
  SecretBytes algorithm = der::element(der::kSequence, {der::object_identifier(oid::kEcc), name});
  return der::element(der::kSequence,
                      {version, algorithm, der::element(der::kOctetString, {ec_key})});
}

}  // namespace strongroom::cli
