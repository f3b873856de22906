#include "client/attestation/cryptography.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "client/attestation/reader.h"

namespace strongroom::attestation {
namespace {

constexpr std::uint32_t kDefaultExponent = 65'537;
constexpr int kLeastRsaBits = 2048;

struct Curve {
  std::uint16_t number;  // TPM_ECC_CURVE, Part 2 §6.4
  const char* name;
  std::size_t field_size;
};
constexpr std::array kCurves = {Curve{0x0003, "P-256", 32}, Curve{0x0004, "P-384", 48},
                                Curve{0x0005, "P-521", 66}};

struct ParameterRelease {
  void operator()(OSSL_PARAM* parameters) const noexcept { OSSL_PARAM_free(parameters); }
  void operator()(OSSL_PARAM_BLD* builder) const noexcept { OSSL_PARAM_BLD_free(builder); }
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
template <typename T>
using OwnedPart = std::unique_ptr<T, ParameterRelease>;

OwnedPart<BIGNUM> number_of(ByteView bytes) {
  return OwnedPart<BIGNUM>(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Owned<EVP_PKEY> key_from(const char* type, OSSL_PARAM_BLD* builder) {
  OwnedPart<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return Owned<EVP_PKEY>(key);
}

std::unexpected<Failure> no_key(std::string_view what) {
  ERR_clear_error();
  return failure(Field::PublicKey, what);
}

bool is_sound(EVP_PKEY* key) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

Verified<Owned<EVP_PKEY>> rsa_key(const RsaKey& key) {
  OwnedPart<BIGNUM> n = number_of(key.modulus);
  OwnedPart<BIGNUM> e(BN_new());
  OwnedPart<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  const std::uint32_t exponent = key.exponent == 0 ? kDefaultExponent : key.exponent;
  if (!n || BN_num_bits(n.get()) != key.bits || key.bits < kLeastRsaBits)
    return no_key(fmt::format("an RSA key of {} bits with a modulus of {} bytes", key.bits,
                              key.modulus.size()));
  if (!e || !builder || BN_set_word(e.get(), exponent) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return no_key("libcrypto has no memory for it");
  auto made = key_from("RSA", builder.get());
  if (!made || !is_sound(made.get())) return no_key("no RSA key");
  return made;
}

Verified<Owned<EVP_PKEY>> ecc_key(const EccKey& key) {
  const auto* curve = std::ranges::find(kCurves, key.curve, &Curve::number);
  if (curve == kCurves.end()) return no_key(fmt::format("curve 0x{:04x}", key.curve));
  if (key.x.size() > curve->field_size || key.y.size() > curve->field_size)
    return no_key("coordinates longer than the field");
  Bytes point(1 + 2 * curve->field_size);
  point[0] = std::byte{4};
  std::ranges::copy(key.x,
                    std::span(point).subspan(1, curve->field_size).last(key.x.size()).begin());
  std::ranges::copy(key.y, std::span(point).last(key.y.size()).begin());
  OwnedPart<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return no_key("libcrypto has no memory for it");
  auto made = key_from("EC", builder.get());
  if (!made || !is_sound(made.get())) return no_key("no point of the curve");
  return made;
}

// As libcrypto takes it: a sequence of both numbers, DER.
Bytes der_of(const EcdsaSignature& signature) {
  OwnedPart<BIGNUM> r = number_of(signature.r);
  OwnedPart<BIGNUM> s = number_of(signature.s);
  OwnedPart<ECDSA_SIG> both(ECDSA_SIG_new());
  if (!r || !s || !both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return {};
  std::ignore = r.release();
  std::ignore = s.release();
  int size = i2d_ECDSA_SIG(both.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = octets(MutableByteView(der));
  i2d_ECDSA_SIG(both.get(), &end);
  return der;
}

bool takes(EVP_PKEY* key, const Signature& signature) {
  const char* type = std::holds_alternative<EcdsaSignature>(signature.numbers) ? "EC" : "RSA";
  return EVP_PKEY_is_a(key, type) == 1;
}

bool is_pss(const Signature& signature) {
  const auto* rsa = std::get_if<RsaSignature>(&signature.numbers);
  return rsa != nullptr && rsa->is_pss;
}

bool verifies(EVP_PKEY* key, const Signature& signature, ByteView message) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  if (!context ||
      EVP_DigestVerifyInit(context.get(), &of_key, digest_of(signature.hash), nullptr, key) != 1)
    return false;
  // The TPM's salt is as long as the hash, or as the key has room for: either counts.
  if (is_pss(signature) && (EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) != 1 ||
                            EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_AUTO) != 1))
    return false;
  const auto* ecdsa = std::get_if<EcdsaSignature>(&signature.numbers);
  const Bytes bytes =
      ecdsa != nullptr ? der_of(*ecdsa) : copy_of(std::get<RsaSignature>(signature.numbers).number);
  return EVP_DigestVerify(context.get(), octets(ByteView(bytes)), bytes.size(), octets(message),
                          message.size()) == 1;
}

}  // namespace

const EVP_MD* digest_of(Algorithm hash) noexcept {
  switch (hash) {
    case Algorithm::Sha256: return EVP_sha256();
    case Algorithm::Sha384: return EVP_sha384();
    case Algorithm::Sha512: return EVP_sha512();
    default: return nullptr;
  }
}

Bytes digest(Algorithm hash, std::initializer_list<ByteView> parts) {
  const EVP_MD* type = digest_of(hash);
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  bool is_done =
      type != nullptr && context && EVP_DigestInit_ex2(context.get(), type, nullptr) == 1;
  for (ByteView part : parts)
    is_done = is_done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (!is_done) return {};
  Bytes value(static_cast<std::size_t>(EVP_MD_get_size(type)));
  if (EVP_DigestFinal_ex(context.get(), octets(MutableByteView(value)), nullptr) != 1) return {};
  return value;
}

Verified<Owned<EVP_PKEY>> key_of(const PublicArea& area) {
  if (const auto* rsa = std::get_if<RsaKey>(&area.key)) return rsa_key(*rsa);
  return ecc_key(std::get<EccKey>(area.key));
}

Verified<Bytes> subject_public_key_info(EVP_PKEY* key) {
  int size = i2d_PUBKEY(key, nullptr);
  if (size <= 0) return no_key("libcrypto cannot encode it");
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = octets(MutableByteView(der));
  i2d_PUBKEY(key, &end);
  return der;
}

Verified<> check_signature(EVP_PKEY* key, const Signature& signature, ByteView message) {
  if (digest_of(signature.hash) == nullptr)
    return differs(Field::Signature, "one over SHA-256, SHA-384 or SHA-512",
                   fmt::format("hash 0x{:04x}", static_cast<std::uint16_t>(signature.hash)));
  bool is_good = takes(key, signature) && verifies(key, signature, message);
  ERR_clear_error();
  if (is_good) return {};
  return failure(Field::Signature, "it is not the attestation key's over this statement");
}

}  // namespace strongroom::attestation
