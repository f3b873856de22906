// ECDSA_do_sign_ex(), which takes k's inverse, and the EC_KEY it wants are deprecated since OpenSSL
// 3.0 and have no successor.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "providers/software/signing/deterministic_ecdsa.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>

#include "base/declassified.h"
#include "providers/software/keys/numbers.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

struct Release {
  void operator()(EC_KEY* key) const noexcept { EC_KEY_free(key); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};

// The order n in the RFC's terms: qlen bits, rlen bytes.
struct Order {
  const BIGNUM* number;
  std::size_t bits;
  std::size_t size;
  Bytes encoded;
};

Order order_of(const EC_GROUP* group) {
  const BIGNUM* number = EC_GROUP_get0_order(group);
  Order order{.number = number,
              .bits = static_cast<std::size_t>(BN_num_bits(number)),
              .size = static_cast<std::size_t>(BN_num_bytes(number)),
              .encoded = {}};
  order.encoded.resize(order.size);
  BN_bn2bin(number, octets(MutableByteView(order.encoded)));
  return order;
}

// §2.3.2, bits2int: the leftmost qlen bits, in rlen bytes. `bits` has at least rlen bytes.
void bits_to_integer(const Order& order, ByteView bits, MutableByteView out) {
  std::size_t shift = 8 * order.size - order.bits;
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size; ++i) {
    unsigned window = carry << 8 | std::to_integer<unsigned>(bits[i]);
    out[i] = static_cast<std::byte>((window >> shift) & 0xff);
    carry = window & 0xff;
  }
}

// §2.3.4, bits2octets: bits2int modulo n, which is below 2n, so that one subtraction does it. A
// hash shorter than n is filled up in front and not shifted.
Bytes hash_modulo(const Order& order, ByteView hash) {
  Bytes integer(order.size);
  if (hash.size() >= order.size)
    bits_to_integer(order, hash, integer);
  else
    std::ranges::copy_backward(hash, integer.end());
  Bytes reduced(order.size);
  return subtract(integer, order.encoded, reduced) == 1 ? integer : reduced;
}

// §3.2, steps b to h: the HMAC-based generator of k.
class Generator {
 public:
  static Result<Generator> seeded(const DeterministicEcdsa& primitives, ByteView scalar,
                                  ByteView hash) {
    auto size = static_cast<std::size_t>(EVP_MD_get_size(primitives.digest));
    Generator made(primitives);
    auto key = TRY(SecretBuffer::of_size(size));
    auto value = TRY(SecretBuffer::of_size(size));
    std::ranges::fill(value.reveal_mutable(), std::byte{1});
    made.key_ = std::move(key);
    made.value_ = std::move(value);
    TRY(made.stir(std::byte{0}, scalar, hash));
    TRY(made.stir(std::byte{1}, scalar, hash));
    return made;
  }

  // As many bits as bits2int wants: whole values until rlen bytes are full.
  Result<> fill(MutableByteView bits) {
    while (!bits.empty()) {
      TRY(next_value());
      ByteView value = value_.reveal();
      value = value.first(std::min(value.size(), bits.size()));
      std::ranges::copy(value, bits.begin());
      bits = bits.subspan(value.size());
    }
    return {};
  }

  // After a number that was none: K = HMAC_K(V ‖ 0), V = HMAC_K(V).
  Result<> move_on() { return stir(std::byte{0}, {}, {}); }

 private:
  explicit Generator(const DeterministicEcdsa& primitives) noexcept : primitives_(primitives) {}

  // K = HMAC_K(V ‖ separator ‖ scalar ‖ hash), V = HMAC_K(V).
  Result<> stir(std::byte separator, ByteView scalar, ByteView hash) {
    auto key = TRY(hmac({value_.reveal(), ByteView(&separator, 1), scalar, hash}));
    key_ = std::move(key);
    return next_value();
  }

  Result<> next_value() {
    auto value = TRY(hmac({value_.reveal()}));
    value_ = std::move(value);
    return {};
  }

  Result<SecretBuffer> hmac(std::initializer_list<ByteView> parts) const {
    auto* name = const_cast<char*>(EVP_MD_get0_name(primitives_.digest));
    std::array parameters = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                             OSSL_PARAM_construct_end()};
    Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(primitives_.hmac));
    auto mac = TRY(SecretBuffer::of_size(value_.size()));
    bool is_good = context && EVP_MAC_init(context.get(), octets(key_.reveal()), key_.size(),
                                           parameters.data()) == 1;
    for (ByteView part : parts)
      is_good = is_good && EVP_MAC_update(context.get(), octets(part), part.size()) == 1;
    std::size_t size = 0;
    if (!is_good ||
        EVP_MAC_final(context.get(), octets(mac.reveal_mutable()), &size, mac.size()) != 1)
      return std::unexpected(openssl_error("EVP_MAC_final"));
    return mac;
  }

  DeterministicEcdsa primitives_;
  SecretBuffer key_;
  SecretBuffer value_;
};

Result<Owned<BIGNUM>> secret_number(ByteView encoded) {
  Owned<BIGNUM> number(BN_secure_new());
  if (!number ||
      BN_bin2bn(octets(encoded), static_cast<int>(encoded.size()), number.get()) == nullptr)
    return std::unexpected(openssl_error("BN_bin2bn"));
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

// What a signature needs of one k.
struct Nonce {
  Owned<BIGNUM> inverse;  // of k modulo n
  Owned<BIGNUM> r;        // x coordinate of k·G modulo n
};

// n is prime, so k^(n-2) is the inverse (Fermat), by an exponentiation in constant time.
Result<Nonce> nonce_of(const EC_GROUP* group, const Order& order, const BIGNUM* k) {
  Owned<BN_CTX> scratch(BN_CTX_secure_new());
  Nonce nonce{.inverse = Owned<BIGNUM>(BN_secure_new()), .r = Owned<BIGNUM>(BN_secure_new())};
  Owned<BIGNUM> exponent(BN_dup(order.number));
  Owned<EC_POINT> point(EC_POINT_new(group));
  if (!scratch || !nonce.inverse || !nonce.r || !exponent || !point ||
      BN_sub_word(exponent.get(), 2) != 1 ||
      BN_mod_exp_mont_consttime(nonce.inverse.get(), k, exponent.get(), order.number, scratch.get(),
                                nullptr) != 1)
    return std::unexpected(openssl_error("BN_mod_exp_mont_consttime"));
  if (EC_POINT_mul(group, point.get(), k, nullptr, nullptr, scratch.get()) != 1 ||
      EC_POINT_get_affine_coordinates(group, point.get(), nonce.r.get(), nullptr, scratch.get()) !=
          1 ||
      BN_nnmod(nonce.r.get(), nonce.r.get(), order.number, scratch.get()) != 1)
    return std::unexpected(openssl_error("EC_POINT_mul"));
  return nonce;
}

using Signature = std::unique_ptr<ECDSA_SIG, Release>;
using Pair = std::unique_ptr<EC_KEY, Release>;

Result<Pair> pair_of(const EC_GROUP* group, ByteView scalar) {
  auto d = TRY(secret_number(scalar));
  Pair pair(EC_KEY_new());
  if (!pair || EC_KEY_set_group(pair.get(), group) != 1 ||
      EC_KEY_set_private_key(pair.get(), d.get()) != 1)
    return std::unexpected(openssl_error("EC_KEY_set_private_key"));
  return pair;
}

// Null when r or s would be 0, which no hash is known to lead to.
Result<Signature> sign_with(const DeterministicEcdsa& primitives, const Order& order, EC_KEY* pair,
                            ByteView hash, ByteView k) {
  auto secret = TRY(secret_number(k));
  auto nonce = TRY(nonce_of(primitives.group, order, secret.get()));
  if (declassified(BN_is_zero(nonce.r.get())) == 1) return nullptr;
  Signature signature(ECDSA_do_sign_ex(octets(hash), static_cast<int>(hash.size()),
                                       nonce.inverse.get(), nonce.r.get(), pair));
  if (!signature) return std::unexpected(openssl_error("ECDSA_do_sign_ex"));
  return signature;
}

Result<Bytes> encoded(const ECDSA_SIG* signature, std::size_t width) {
  Bytes fixed(2 * width);
  unsigned char* out = octets(MutableByteView(fixed));
  auto size = static_cast<int>(width);
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, size) == size &&
      BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + width, size) == size)
    return fixed;
  return std::unexpected(openssl_error("BN_bn2binpad"));
}

}  // namespace

Result<Bytes> deterministic_ecdsa(const DeterministicEcdsa& primitives, const SecretBuffer& scalar,
                                  ByteView hash) {
  Order order = order_of(primitives.group);
  ByteView x = scalar.reveal().last(order.size);
  auto pair = TRY(pair_of(primitives.group, x));
  auto generator = TRY(Generator::seeded(primitives, x, hash_modulo(order, hash)));
  auto bits = TRY(SecretBuffer::of_size(order.size));
  auto k = TRY(SecretBuffer::of_size(order.size));
  while (true) {
    TRY(generator.fill(bits.reveal_mutable()));
    bits_to_integer(order, bits.reveal(), k.reveal_mutable());
    if (is_positive_below(k.reveal(), order.encoded)) {
      auto signature = TRY(sign_with(primitives, order, pair.get(), hash, k.reveal()));
      if (signature) return encoded(signature.get(), scalar.size());
    }
    TRY(generator.move_on());
  }
}

}  // namespace strongroom::software
