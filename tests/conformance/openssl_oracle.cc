// The old ways around EVP_PKEY, on purpose.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/conformance/openssl_oracle.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

namespace strongroom::conformance::oracle {
namespace {

struct Release {
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(BN_CTX* context) const noexcept { BN_CTX_free(context); }
  void operator()(DH* group) const noexcept { DH_free(group); }
  void operator()(EC_GROUP* group) const noexcept { EC_GROUP_free(group); }
  void operator()(EC_KEY* key) const noexcept { EC_KEY_free(key); }
  void operator()(EC_POINT* point) const noexcept { EC_POINT_free(point); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

// For MD4. That somebody has loaded it changes nothing for a provider that was not told to offer
// it.
[[maybe_unused]] OSSL_PROVIDER* const legacy = ::OSSL_PROVIDER_try_load(nullptr, "legacy", 1);

const EVP_MD* evp_hash(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Md2: return nullptr;
    case psa::Hash::Md4: return EVP_md4();
    case psa::Hash::Md5: return EVP_md5();
    case psa::Hash::Ripemd160: return EVP_ripemd160();
    case psa::Hash::Sha1: return EVP_sha1();
    case psa::Hash::Sha224: return EVP_sha224();
    case psa::Hash::Sha256: return EVP_sha256();
    case psa::Hash::Sha384: return EVP_sha384();
    case psa::Hash::Sha512: return EVP_sha512();
    case psa::Hash::Sha512_224: return EVP_sha512_224();
    case psa::Hash::Sha512_256: return EVP_sha512_256();
    case psa::Hash::Sha3_224: return EVP_sha3_224();
    case psa::Hash::Sha3_256: return EVP_sha3_256();
    case psa::Hash::Sha3_384: return EVP_sha3_384();
    case psa::Hash::Sha3_512: return EVP_sha3_512();
  }
  return nullptr;
}

Owned<EVP_PKEY> rsa_pair(ByteView der) {
  const unsigned char* input = octets(der);
  return Owned<EVP_PKEY>(
      d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &input, static_cast<long>(der.size())));
}

Owned<EVP_PKEY> rsa_public_key(ByteView der) {
  const unsigned char* input = octets(der);
  return Owned<EVP_PKEY>(
      d2i_PublicKey(EVP_PKEY_RSA, nullptr, &input, static_cast<long>(der.size())));
}

std::string_view curve_name(const psa::KeyType& type, std::uint32_t bits) {
  using enum psa::EccFamily;
  struct Row {
    psa::EccFamily family;
    std::uint32_t bits;
    std::string_view name;
  };
  static constexpr std::array kNames = {
      Row{SecpK1, 192, "secp192k1"},
      Row{SecpK1, 224, "secp224k1"},
      Row{SecpK1, 256, "secp256k1"},
      Row{SecpR1, 192, "prime192v1"},
      Row{SecpR1, 224, "secp224r1"},
      Row{SecpR1, 256, "prime256v1"},
      Row{SecpR1, 384, "secp384r1"},
      Row{SecpR1, 521, "secp521r1"},
      Row{SecpR2, 160, "secp160r2"},
      Row{SectK1, 163, "sect163k1"},
      Row{SectK1, 233, "sect233k1"},
      Row{SectK1, 239, "sect239k1"},
      Row{SectK1, 283, "sect283k1"},
      Row{SectK1, 409, "sect409k1"},
      Row{SectK1, 571, "sect571k1"},
      Row{SectR1, 163, "sect163r1"},
      Row{SectR1, 233, "sect233r1"},
      Row{SectR1, 283, "sect283r1"},
      Row{SectR1, 409, "sect409r1"},
      Row{SectR1, 571, "sect571r1"},
      Row{SectR2, 163, "sect163r2"},
      Row{BrainpoolPR1, 160, "brainpoolP160r1"},
      Row{BrainpoolPR1, 192, "brainpoolP192r1"},
      Row{BrainpoolPR1, 224, "brainpoolP224r1"},
      Row{BrainpoolPR1, 256, "brainpoolP256r1"},
      Row{BrainpoolPR1, 320, "brainpoolP320r1"},
      Row{BrainpoolPR1, 384, "brainpoolP384r1"},
      Row{BrainpoolPR1, 512, "brainpoolP512r1"},
  };
  for (const Row& row : kNames)
    if (type.curve_family == row.family && bits == row.bits) return row.name;
  return "none";
}

Owned<EC_GROUP> group_of(const psa::KeyType& type, std::uint32_t bits) {
  int number = OBJ_sn2nid(curve_name(type, bits).data());
  return Owned<EC_GROUP>(number == NID_undef ? nullptr : EC_GROUP_new_by_curve_name(number));
}

Owned<BIGNUM> number_of(ByteView encoded) {
  return Owned<BIGNUM>(BN_bin2bn(octets(encoded), static_cast<int>(encoded.size()), nullptr));
}

Bytes encoded(const BIGNUM* number, std::size_t size) {
  Bytes bytes(size);
  BN_bn2binpad(number, octets(MutableByteView(bytes)), static_cast<int>(size));
  return bytes;
}

bool verifies_ecdsa(const EC_GROUP* group, ByteView point, ByteView hash, ByteView signature) {
  Owned<EC_KEY> key(EC_KEY_new());
  if (EC_KEY_set_group(key.get(), group) != 1 ||
      EC_KEY_oct2key(key.get(), octets(point), point.size(), nullptr) != 1)
    return false;
  std::size_t width = signature.size() / 2;
  Owned<ECDSA_SIG> native(ECDSA_SIG_new());
  ECDSA_SIG_set0(native.get(), number_of(signature.first(width)).release(),
                 number_of(signature.subspan(width)).release());
  return ECDSA_do_verify(octets(hash), static_cast<int>(hash.size()), native.get(), key.get()) == 1;
}

Owned<DH> dh_group_of(std::uint32_t bits) {
  int number = OBJ_sn2nid(("ffdhe" + std::to_string(bits)).c_str());
  return Owned<DH>(number == NID_undef ? nullptr : DH_new_by_nid(number));
}

Bytes encrypt(EVP_PKEY_CTX* context, ByteView plaintext) {
  std::size_t size = 0;
  EVP_PKEY_encrypt(context, nullptr, &size, octets(plaintext), plaintext.size());
  Bytes ciphertext(size);
  if (EVP_PKEY_encrypt(context, octets(MutableByteView(ciphertext)), &size, octets(plaintext),
                       plaintext.size()) != 1)
    return {};
  return ciphertext;
}

}  // namespace

Bytes digest(psa::Hash hash, ByteView message) {
  Bytes output(psa::digest_size(hash));
  EVP_Digest(message.data(), message.size(), octets(MutableByteView(output)), nullptr,
             evp_hash(hash), nullptr);
  return output;
}

Bytes rsa_public_der(ByteView pair_der) {
  auto pair = rsa_pair(pair_der);
  Bytes der(static_cast<std::size_t>(i2d_PublicKey(pair.get(), nullptr)));
  unsigned char* output = octets(MutableByteView(der));
  i2d_PublicKey(pair.get(), &output);
  return der;
}

bool is_rsa_pair(ByteView pair_der, ByteView public_der) {
  auto pair = rsa_pair(pair_der);
  if (!pair || rsa_public_der(pair_der) != copy_of(public_der)) return false;
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(pair.get(), nullptr));
  return EVP_PKEY_check(context.get()) == 1;
}

bool verifies(const psa::KeyType& type, std::uint32_t bits, ByteView public_key,
              const psa::AsymmetricSignature& algorithm, ByteView hash, ByteView signature) {
  if (auto group = group_of(type, bits)) {
    bool is_good = verifies_ecdsa(group.get(), public_key, hash, signature);
    ERR_clear_error();
    return is_good;
  }
  auto key = rsa_public_key(public_key);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
  bool is_pss = algorithm.kind == psa::AsymmetricSignature::Kind::RsaPss;
  EVP_PKEY_CTX_set_rsa_padding(context.get(), is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING);
  if (is_pss) EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_DIGEST);
  if (algorithm.hash) EVP_PKEY_CTX_set_signature_md(context.get(), evp_hash(*algorithm.hash));
  bool is_good = EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(hash),
                                 hash.size()) == 1;
  ERR_clear_error();
  return is_good;
}

Bytes rsa_encrypt(ByteView public_der, const psa::AsymmetricEncryption& algorithm,
                  ByteView plaintext, ByteView label) {
  auto key = rsa_public_key(public_der);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  if (!algorithm.hash) {
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING);
    return encrypt(context.get(), plaintext);
  }
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
  EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), evp_hash(*algorithm.hash));
  if (!label.empty())
    EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), OPENSSL_memdup(label.data(), label.size()),
                                     static_cast<int>(label.size()));
  return encrypt(context.get(), plaintext);
}

Bytes rsa_encrypt_block(ByteView public_der, ByteView block) {
  auto key = rsa_public_key(public_der);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
  EVP_PKEY_encrypt_init(context.get());
  EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING);
  return encrypt(context.get(), block);
}

std::optional<Curve> curve_of(const psa::KeyType& type, std::uint32_t bits) {
  auto group = group_of(type, bits);
  if (!group) return std::nullopt;
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  auto order_size = static_cast<std::size_t>(BN_num_bytes(order));
  std::size_t scalar_size = std::max(order_size, static_cast<std::size_t>(bits + 7) / 8);
  return Curve{.order = encoded(order, scalar_size),
               .field_size = static_cast<std::size_t>(EC_GROUP_get_degree(group.get()) + 7) / 8,
               .scalar_size = scalar_size,
               .has_cofactor = !BN_is_one(EC_GROUP_get0_cofactor(group.get()))};
}

Bytes ec_public_point(const psa::KeyType& type, std::uint32_t bits, ByteView scalar) {
  auto group = group_of(type, bits);
  auto d = number_of(scalar);
  Owned<EC_POINT> point(EC_POINT_new(group.get()));
  EC_POINT_mul(group.get(), point.get(), d.get(), nullptr, nullptr, nullptr);
  Bytes bytes(1 + 2 * curve_of(type, bits)->field_size);
  EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                     octets(MutableByteView(bytes)), bytes.size(), nullptr);
  return bytes;
}

Bytes ecdh(const psa::KeyType& type, std::uint32_t bits, ByteView scalar, ByteView point) {
  auto group = group_of(type, bits);
  auto d = number_of(scalar);
  Owned<EC_POINT> peer(EC_POINT_new(group.get()));
  Owned<EC_POINT> shared(EC_POINT_new(group.get()));
  Owned<BIGNUM> x(BN_new());
  EC_POINT_oct2point(group.get(), peer.get(), octets(point), point.size(), nullptr);
  EC_POINT_mul(group.get(), shared.get(), nullptr, peer.get(), d.get(), nullptr);
  EC_POINT_get_affine_coordinates(group.get(), shared.get(), x.get(), nullptr, nullptr);
  return encoded(x.get(), curve_of(type, bits)->field_size);
}

Bytes montgomery_public_key(std::uint32_t bits, ByteView scalar) {
  int kind = bits == 255 ? EVP_PKEY_X25519 : EVP_PKEY_X448;
  if (bits != 255 && bits != 448) return {};
  Owned<EVP_PKEY> key(EVP_PKEY_new_raw_private_key(kind, nullptr, octets(scalar), scalar.size()));
  Bytes bytes(scalar.size());
  std::size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key.get(), octets(MutableByteView(bytes)), &size);
  return bytes;
}

Bytes dh_prime(std::uint32_t bits) {
  auto group = dh_group_of(bits);
  return group ? encoded(DH_get0_p(group.get()), bits / 8) : Bytes();
}

Bytes dh_power(std::uint32_t bits, ByteView base, ByteView exponent) {
  auto group = dh_group_of(bits);
  if (!group) return {};
  Owned<BN_CTX> scratch(BN_CTX_new());
  Owned<BIGNUM> result(BN_new());
  BN_mod_exp(result.get(), number_of(base).get(), number_of(exponent).get(), DH_get0_p(group.get()),
             scratch.get());
  return encoded(result.get(), bits / 8);
}

Bytes plus(ByteView number, int small) {
  auto sum = number_of(number);
  if (small >= 0)
    BN_add_word(sum.get(), static_cast<BN_ULONG>(small));
  else
    BN_sub_word(sum.get(), static_cast<BN_ULONG>(-small));
  return encoded(sum.get(), number.size());
}

}  // namespace strongroom::conformance::oracle
