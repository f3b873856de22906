#include "providers/software/keys/symmetric_key.h"

#include <algorithm>

#include "base/declassified.h"
#include "providers/software/key_types.h"
#include "providers/software/symmetric/cipher_context.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::size_t kDesKey = 8;

// Not with std::popcount(), for which a compiler's library may look into a table, at a place that
// the key decides.
std::byte with_parity(std::byte octet) {
  std::byte key = octet & std::byte{0xfe};
  std::byte folded = key ^ (key >> 4);
  folded ^= folded >> 2;
  folded ^= folded >> 1;
  return key | (~folded & std::byte{1});
}

bool has_parity(ByteView key) {
  std::byte wrong{};
  for (std::byte octet : key)
    wrong |= octet ^ with_parity(octet);
  return declassified(wrong) == std::byte{};
}

bool repeats_a_key(ByteView key) {
  bool repeats = false;
  for (std::size_t at = kDesKey; at < key.size(); at += kDesKey)
    repeats |= equal_in_constant_time(key.subspan(at - kDesKey, kDesKey), key.subspan(at, kDesKey));
  return repeats;
}

Result<> check_data(const psa::KeyAttributes& attributes, const SecretBuffer& key) {
  bool is_des = attributes.type.kind == Kind::Des;
  if (is_des && !has_parity(key.reveal()))
    return fail(Status::PsaErrorInvalidArgument, "a DES key without odd parity");
  if (is_des && repeats_a_key(key.reveal()))
    return fail(Status::PsaErrorInvalidArgument, "a triple DES key that is single DES");
  bool is_for_xts = attributes.algorithm == psa::Algorithm(psa::Cipher::Xts);
  if (is_for_xts && has_equal_halves(key))
    return fail(Status::PsaErrorInvalidArgument, "the two halves of the XTS key are equal");
  return {};
}

NewKey new_key(const psa::KeyAttributes& attributes, SecretBuffer material) {
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = static_cast<std::uint32_t>(8 * material.size());
  key.material = std::move(material);
  return key;
}

}  // namespace

Result<NewKey> generate_symmetric(const psa::KeyAttributes& attributes) {
  auto material = TRY(SecretBuffer::random(attributes.bits / 8));
  if (attributes.type.kind == Kind::Des) set_des_parity(material.reveal_mutable());
  return new_key(attributes, std::move(material));
}

Result<NewKey> import_symmetric(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                                ByteView data) {
  bool is_asked = attributes.bits == 0 || attributes.bits == 8 * data.size();
  // No key is of more bits than can be counted here.
  auto bits = static_cast<std::uint32_t>(8 * std::min<std::size_t>(data.size(), 1U << 20));
  if (!is_asked || !is_offered(algorithms, attributes.type, bits))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no key '{}'", data.size(),
                            to_string(attributes.type, attributes.bits)));
  auto material = TRY(SecretBuffer::copy_of(data));
  TRY(check_data(attributes, material));
  return new_key(attributes, std::move(material));
}

void set_des_parity(MutableByteView key) noexcept {
  for (std::byte& octet : key)
    octet = with_parity(octet);
}

}  // namespace strongroom::software
