#include "client/cli/format/public_key.h"

#include <array>
#include <optional>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "client/cli/format/names.h"
#include "client/cli/format/openssl_handles.h"
#include "client/cli/format/text_encoding.h"

namespace strongroom::cli {
namespace {

struct Curve {
  psa::EccFamily family;
  std::uint32_t bits;
  const char* name;  // libcrypto's
};
constexpr std::size_t kLineLength = 64;  // RFC 7468 §2

constexpr std::array kCurves = {
    Curve{psa::EccFamily::SecpR1, 192, "prime192v1"},
    Curve{psa::EccFamily::SecpR1, 224, "secp224r1"},
    Curve{psa::EccFamily::SecpR1, 256, "prime256v1"},
    Curve{psa::EccFamily::SecpR1, 384, "secp384r1"},
    Curve{psa::EccFamily::SecpR1, 521, "secp521r1"},
    Curve{psa::EccFamily::SecpK1, 192, "secp192k1"},
    Curve{psa::EccFamily::SecpK1, 224, "secp224k1"},
    Curve{psa::EccFamily::SecpK1, 256, "secp256k1"},
    Curve{psa::EccFamily::BrainpoolPR1, 256, "brainpoolP256r1"},
    Curve{psa::EccFamily::BrainpoolPR1, 384, "brainpoolP384r1"},
    Curve{psa::EccFamily::BrainpoolPR1, 512, "brainpoolP512r1"},
};

const char* curve_name(const psa::KeyType& type, std::uint32_t bits) {
  for (const Curve& curve : kCurves)
    if (curve.family == type.curve_family && curve.bits == bits) return curve.name;
  return nullptr;
}

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
  if (type.curve_family == psa::EccFamily::Montgomery) {
    int id = bits == 255 ? EVP_PKEY_X25519 : EVP_PKEY_X448;
    return Owned<EVP_PKEY>(
        EVP_PKEY_new_raw_public_key(id, nullptr, octets(exported), exported.size()));
  }
  const char* curve = type.is_ecc() ? curve_name(type, bits) : nullptr;
  if (curve == nullptr) return std::nullopt;
  return ecc_key(curve, exported);
}

}  // namespace

Outcome<Bytes> public_key_info(const psa::KeyType& type, std::uint32_t bits, ByteView exported) {
  std::optional<Owned<EVP_PKEY>> key = key_of(type, bits, exported);
  std::string name = type_name(type, bits);
  if (!key)
    return failed(ExitCode::NotSupported,
                  fmt::format("encoding a public key of type {}: openssl has no form for it", name),
                  "--out-format raw writes what the service gave");
  int size = *key ? i2d_PUBKEY(key->get(), nullptr) : 0;
  if (size <= 0) {
    ERR_clear_error();
    return failed(ExitCode::InvalidData,
                  fmt::format("encoding a public key of type {}: the bytes are not one", name));
  }
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = octets(MutableByteView(der));
  i2d_PUBKEY(key->get(), &end);
  return der;
}

std::string public_key_pem(ByteView public_key_info) {
  std::string body = to_base64(public_key_info);
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t i = 0; i < body.size(); i += kLineLength)
    pem += body.substr(i, kLineLength) + "\n";
  return pem + "-----END PUBLIC KEY-----\n";
}

}  // namespace strongroom::cli
