#include "client/cli/keys/public_key.h"

#include <array>
#include <optional>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "client/cli/format/names.h"
#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {
namespace {

constexpr std::byte kUncompressed{4};  // SEC 1 §2.3.3

Owned<EVP_PKEY> ecc_key(const char* curve, ByteView point) {
  std::array<OSSL_PARAM, 3> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(curve), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<unsigned char*>(octets(point)), point.size()),
      OSSL_PARAM_construct_end(),
  };
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.data());
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> rsa_key(ByteView exported) {
  const unsigned char* end = octets(exported);
  Owned<EVP_PKEY> key(
      d2i_PublicKey(EVP_PKEY_RSA, nullptr, &end, static_cast<long>(exported.size())));
  if (key && end != octets(exported) + exported.size()) key.reset();
  return key;
}

// nullopt: libcrypto has no form for such keys. An empty pointer: these bytes are none.
std::optional<Owned<EVP_PKEY>> key_of(const psa::KeyType& type, std::uint32_t bits,
                                      ByteView exported) {
  if (type.is_rsa()) return rsa_key(exported);
  const Curve* curve = type.is_ecc() ? curve_of(type, bits) : nullptr;
  if (curve == nullptr) return std::nullopt;
  if (!curve->is_weierstrass())
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key_ex(nullptr, curve->openssl_name, nullptr,
                                                          octets(exported), exported.size()));
  return ecc_key(curve->openssl_name, exported);
}

psa::KeyType public_on(const Curve& curve) {
  return {psa::KeyType::Kind::EccPublicKey, curve.family};
}

// Empty when the point is not on the curve.
SecretBytes uncompressed(const Curve& curve, ByteView compressed) {
  Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(curve.openssl_name)));
  Owned<EC_POINT> point(group ? EC_POINT_new(group.get()) : nullptr);
  if (!point || EC_POINT_oct2point(group.get(), point.get(), octets(compressed), compressed.size(),
                                   nullptr) != 1) {
    ERR_clear_error();
    return {};
  }
  SecretBytes bytes(1 + 2 * ((curve.bits + 7) / 8));
  std::size_t size = EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                        octets(MutableByteView(bytes)), bytes.size(), nullptr);
  bytes.resize(size);
  return bytes;
}

}  // namespace

Outcome<Owned<EVP_PKEY>> openssl_public_key(const psa::KeyType& type, std::uint32_t bits,
                                            ByteView exported) {
  std::optional<Owned<EVP_PKEY>> key = key_of(type, bits, exported);
  std::string name = type_name(type, bits);
  if (!key)
    return failed(ExitCode::NotSupported,
                  fmt::format("encoding a public key of type {}: openssl has no form for it", name),
                  "--out-format raw writes what the service gave");
  ERR_clear_error();
  if (!*key)
    return failed(ExitCode::InvalidData,
                  fmt::format("encoding a public key of type {}: the bytes are not one", name));
  return *std::move(key);
}

Outcome<Bytes> public_key_info(const psa::KeyType& type, std::uint32_t bits, ByteView exported) {
  Owned<EVP_PKEY> key = TRY(openssl_public_key(type, bits, exported));
  int size = i2d_PUBKEY(key.get(), nullptr);
  if (size <= 0)
    return failed(ExitCode::Other, fmt::format("encoding a public key of type {}: libcrypto failed",
                                               type_name(type, bits)));
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = octets(MutableByteView(der));
  i2d_PUBKEY(key.get(), &end);
  return der;
}

Outcome<KeyMaterial> from_rsa_public_key(ByteView der) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> modulus = fields.take_unsigned();
  std::optional<ByteView> exponent = fields.take_unsigned();
  if (!modulus || modulus->empty() || !exponent || !fields.is_empty())
    return not_a_key("its RSA public key is not in the form of PKCS#1");
  return KeyMaterial{.type = {psa::KeyType::Kind::RsaPublicKey, std::nullopt},
                     .bits = bit_length(*modulus),
                     .data = SecretBytes(der.begin(), der.end())};
}

Outcome<KeyMaterial> from_point(const Curve& curve, ByteView point) {
  SecretBytes data(point.begin(), point.end());
  if (curve.is_weierstrass() && (point.empty() || point.front() != kUncompressed))
    data = uncompressed(curve, point);
  std::size_t coordinate = curve.public_size();
  std::size_t expected = curve.is_weierstrass() ? 1 + 2 * coordinate : coordinate;
  if (data.size() != expected) return not_a_key("its public key is not a point on its curve");
  return KeyMaterial{.type = public_on(curve), .bits = curve.bits, .data = std::move(data)};
}

Outcome<KeyMaterial> from_public_key_info(ByteView der) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> algorithm = fields.take(der::kSequence);
  std::optional<ByteView> key = fields.take_bits();
  if (!algorithm || !key || !fields.is_empty())
    return not_a_key("its public key is not a SubjectPublicKeyInfo");
  KeyAlgorithm kind = TRY(key_algorithm(*algorithm));
  return kind.curve == nullptr ? from_rsa_public_key(*key) : from_point(*kind.curve, *key);
}

Outcome<KeyMaterial> from_certificate(ByteView der) {
  const unsigned char* end = octets(der);
  Owned<X509> certificate(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  unsigned char* encoded = nullptr;
  int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &encoded) : 0;
  ERR_clear_error();
  Owned<unsigned char> info(encoded);
  if (size <= 0 || end != octets(der) + der.size())
    return not_a_key("its certificate is not one of X.509");
  return from_public_key_info(std::as_bytes(std::span(encoded, static_cast<std::size_t>(size))));
}

}  // namespace strongroom::cli
