#include "providers/software/derivation/derived_key.h"

#include <array>

#include "providers/software/curves.h"
#include "providers/software/keys/symmetric_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::size_t kDesKey = 8;

Result<SecretBuffer> bytes_from(KeyStream& stream, std::size_t size) {
  auto bytes = TRY(SecretBuffer::of_size(size));
  TRY(stream.read(bytes.reveal_mutable()));
  return bytes;
}

// The first 1 ≤ d < n: candidates k of as many bits as n, until k + 1 is below n.
Result<SecretBuffer> scalar_from(KeyStream& stream, const Curve& curve, const EC_GROUP* group) {
  const BIGNUM* order = EC_GROUP_get0_order(group);
  const auto spare_bits = static_cast<unsigned>(8 * BN_num_bytes(order) - BN_num_bits(order));
  auto candidate = TRY(SecretBuffer::of_size(static_cast<std::size_t>(BN_num_bytes(order))));
  auto scalar = TRY(SecretBuffer::of_size(curve.scalar_size));
  Owned<BIGNUM> d(BN_secure_new());
  do {
    TRY(stream.read(candidate.reveal_mutable()));
    candidate.reveal_mutable()[0] &= std::byte{0xff} >> spare_bits;
    if (!d ||
        BN_bin2bn(octets(candidate.reveal()), static_cast<int>(candidate.size()), d.get()) ==
            nullptr ||
        BN_add_word(d.get(), 1) != 1)
      return std::unexpected(openssl_error("BN_bin2bn"));
  } while (BN_cmp(d.get(), order) >= 0);
  if (BN_bn2binpad(d.get(), octets(scalar.reveal_mutable()), static_cast<int>(scalar.size())) < 0)
    return std::unexpected(openssl_error("BN_bn2binpad"));
  return scalar;
}

Result<SecretBuffer> des_key_from(KeyStream& stream, std::size_t size) {
  auto key = TRY(SecretBuffer::of_size(size));
  for (std::size_t at = 0; at < size; at += kDesKey) {
    MutableByteView part = key.reveal_mutable().subspan(at, kDesKey);
    do {
      TRY(stream.read(part));
      set_des_parity(part);
    } while (is_weak_des_key(part));
  }
  return key;
}

}  // namespace

bool is_derivable(const psa::KeyType& type) noexcept {
  return !type.is_public_key() && !type.is_rsa() && !type.is_dh();
}

Result<SecretBuffer> derived_key_data(const Algorithms& algorithms, const psa::KeyType& type,
                                      std::uint32_t bits, KeyStream& stream) {
  if (const Curve* curve = curve_of(type, bits))
    return scalar_from(stream, *curve, algorithms.group(*curve));
  if (const MontgomeryCurve* curve = montgomery_curve_of(type, bits))
    return bytes_from(stream, curve->key_size);
  if (const EdwardsCurve* curve = edwards_curve_of(type, bits))
    return bytes_from(stream, curve->key_size);
  if (type.kind == Kind::Des) return des_key_from(stream, bits / 8);
  return bytes_from(stream, bits / 8);
}

// In all of them two bytes alternate, in the second half with what the key schedule makes of them.
bool is_weak_des_key(ByteView key) noexcept {
  struct Octets {
    std::byte left;
    std::byte right;
  };
  constexpr std::array kOctets = {
      Octets{std::byte{0x01}, std::byte{0x01}}, Octets{std::byte{0xfe}, std::byte{0xfe}},
      Octets{std::byte{0x1f}, std::byte{0x0e}}, Octets{std::byte{0xe0}, std::byte{0xf1}}};
  bool is_weak = false;
  for (const auto& [left, right] : kOctets)
    for (const auto& [other_left, other_right] : kOctets) {
      const std::array weak = {left,  other_left,  left,  other_left,
                               right, other_right, right, other_right};
      is_weak |= equal_in_constant_time(key, weak);
    }
  return is_weak;
}

}  // namespace strongroom::software
