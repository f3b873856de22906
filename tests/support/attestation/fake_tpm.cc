#include "tests/support/attestation/fake_tpm.h"

#include <algorithm>
#include <cstdlib>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace strongroom::testing {
namespace {

void must(bool is_so) {
  if (!is_so) std::abort();
}

Bytes number(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, octets(MutableByteView(bytes)));
  BN_free(value);
  return bytes;
}

Bytes number(const BIGNUM* value) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, octets(MutableByteView(bytes)));
  return bytes;
}

Bytes u16(std::uint64_t value) {
  return big_endian(value, 2);
}

constexpr std::uint64_t kNull = 0x0010;
constexpr std::uint64_t kSha256 = 0x000b;

// TPMT_PUBLIC without a policy.
Bytes area_of(EVP_PKEY* pair, Scheme scheme, std::uint32_t attributes) {
  const bool is_restricted = (attributes & attestation::attribute::kRestricted) != 0;
  const std::uint64_t number_of_scheme =
      scheme == Scheme::Ecdsa ? 0x0018 : (scheme == Scheme::RsaSsa ? 0x0014 : 0x0016);
  const Bytes chosen = is_restricted ? joined({u16(number_of_scheme), u16(kSha256)}) : u16(kNull);
  const Bytes start = joined({u16(scheme == Scheme::Ecdsa ? 0x0023 : 0x0001), u16(kSha256),
                              big_endian(attributes, 4), u16(0), u16(kNull), chosen});
  if (scheme != Scheme::Ecdsa)
    return joined({start, u16(2048), big_endian(0, 4), sized(number(pair, OSSL_PKEY_PARAM_RSA_N))});
  return joined({start, u16(0x0003), u16(kNull), sized(number(pair, OSSL_PKEY_PARAM_EC_PUB_X)),
                 sized(number(pair, OSSL_PKEY_PARAM_EC_PUB_Y))});
}

}  // namespace

Bytes big_endian(std::uint64_t value, std::size_t bytes) {
  Bytes out(bytes);
  for (auto octet = out.rbegin(); octet != out.rend(); ++octet, value >>= 8)
    *octet = static_cast<std::byte>(value & 0xff);
  return out;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (ByteView part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes sized(ByteView bytes) {
  return joined({big_endian(bytes.size(), 2), bytes});
}

Bytes marshalled(const StatementFields& fields) {
  return joined({big_endian(fields.magic, 4), big_endian(fields.type, 2),
                 sized(fields.qualified_signer), sized(fields.nonce), big_endian(fields.clock, 8),
                 big_endian(fields.reset_count, 4), big_endian(fields.restart_count, 4),
                 big_endian(fields.safe, 1), big_endian(fields.firmware_version, 8),
                 fields.attested, fields.behind});
}

Bytes sha256(ByteView bytes) {
  Bytes digest(32);
  must(EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(),
                    octets(MutableByteView(digest)), nullptr) == 1);
  return digest;
}

FakeKey::FakeKey(Scheme scheme, std::uint32_t attributes)
    : scheme_(scheme),
      pair_(scheme == Scheme::Ecdsa
                ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})),
      area_(area_of(pair_.get(), scheme, attributes)) {}

Bytes FakeKey::name() const {
  return joined({u16(kSha256), sha256(area_)});
}

Bytes FakeKey::qualified_name() const {
  return joined({u16(kSha256), sha256(joined({big_endian(0x4000000b, 4), name()}))});
}

Bytes FakeKey::sign(ByteView message) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* of_key = nullptr;
  must(EVP_DigestSignInit(context, &of_key, EVP_sha256(), nullptr, pair_.get()) == 1);
  if (scheme_ == Scheme::RsaPss)
    must(EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) == 1);
  Bytes signature(512);
  std::size_t size = signature.size();
  must(EVP_DigestSign(context, octets(MutableByteView(signature)), &size, octets(message),
                      message.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  if (scheme_ != Scheme::Ecdsa)
    return joined(
        {u16(scheme_ == Scheme::RsaSsa ? 0x0014 : 0x0016), u16(kSha256), sized(signature)});
  const unsigned char* start = octets(ByteView(signature));
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &start, static_cast<long>(size));
  const Bytes numbers =
      joined({sized(number(ECDSA_SIG_get0_r(both))), sized(number(ECDSA_SIG_get0_s(both)))});
  ECDSA_SIG_free(both);
  return joined({u16(0x0018), u16(kSha256), numbers});
}

Bytes FakeKey::subject_public_key_info() const {
  Bytes der(static_cast<std::size_t>(i2d_PUBKEY(pair_.get(), nullptr)));
  unsigned char* end = octets(MutableByteView(der));
  i2d_PUBKEY(pair_.get(), &end);
  return der;
}

Bytes rsa_public_key(EVP_PKEY* key) {
  Bytes der(static_cast<std::size_t>(i2d_PublicKey(key, nullptr)));
  unsigned char* end = octets(MutableByteView(der));
  i2d_PublicKey(key, &end);
  return der;
}

}  // namespace strongroom::testing
