#include "providers/software/keys/dh_key.h"

#include <array>

#include <openssl/core_names.h>

#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/numbers.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

// The group's name as OpenSSL writes it, from the prime's size: RFC 7919 has one group a size.
std::string group_name(std::uint32_t bits) {
  return fmt::format("ffdhe{}", bits);
}

Result<const DhGroup*> group_for(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                                 std::size_t size) {
  // No group is of more bits than can be counted here.
  auto bits = static_cast<std::uint32_t>(8 * std::min<std::size_t>(size, 4096));
  const DhGroup* group = algorithms.dh_group(bits);
  if (group != nullptr && (attributes.bits == 0 || attributes.bits == bits)) return group;
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no key of the group", size));
}

NewKey new_key(const psa::KeyAttributes& attributes, const DhGroup& group) {
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = group.bits;
  return key;
}

// y = g^x mod p. PsaErrorInvalidArgument unless 1 ≤ x < q.
Result<Bytes> public_number(const DhGroup& group, ByteView x) {
  Bytes order(x.size());
  if (BN_bn2binpad(group.q.get(), octets(MutableByteView(order)), static_cast<int>(order.size())) <
      0)
    return std::unexpected(openssl_error("BN_bn2binpad"));
  if (!is_positive_below(x, order))
    return fail(Status::PsaErrorInvalidArgument, "the private key is 0 or not below the order");
  Owned<BN_CTX> scratch(BN_CTX_secure_new());
  Owned<BIGNUM> secret(BN_secure_new());
  Owned<BIGNUM> y(BN_new());
  if (!scratch || !secret || !y ||
      BN_bin2bn(octets(x), static_cast<int>(x.size()), secret.get()) == nullptr)
    return std::unexpected(openssl_error("BN_bin2bn"));
  BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
  Bytes encoded(x.size());
  if (BN_mod_exp_mont_consttime(y.get(), group.g.get(), secret.get(), group.p.get(), scratch.get(),
                                nullptr) != 1 ||
      BN_bn2binpad(y.get(), octets(MutableByteView(encoded)), static_cast<int>(encoded.size())) < 0)
    return std::unexpected(openssl_error("BN_mod_exp_mont_consttime"));
  return encoded;
}

// Reads one number of a pair into `out`, left-padded.
Result<> read_number(const EVP_PKEY* pair, const char* name, MutableByteView out) {
  std::array parameters = {OSSL_PARAM_construct_BN(name, octets(out), out.size()),
                           OSSL_PARAM_construct_end()};
  if (EVP_PKEY_get_params(pair, parameters.data()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_get_params"));
  swap_native_order(out);
  return {};
}

Result<Owned<EVP_PKEY>> key_of(std::uint32_t bits, ByteView y, MutableByteView native_x) {
  std::string name = group_name(bits);
  Bytes native_y = copy_of(y);
  swap_native_order(native_y);
  std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PUB_KEY, octets(MutableByteView(native_y)),
                              native_y.size()),
      OSSL_PARAM_construct_end(),
      OSSL_PARAM_construct_end(),
  };
  if (!native_x.empty())
    parameters[2] =
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, octets(native_x), native_x.size());
  return key_from_parameters("DH", native_x.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                             parameters.data());
}

}  // namespace

Result<NewKey> generate_dh(const psa::KeyAttributes& attributes, const DhGroup& group) {
  auto pair = TRY(generated_in_group("DH", group.openssl_name));
  std::size_t size = group.bits / 8;
  auto x = TRY(SecretBuffer::of_size(size));
  TRY(read_number(pair.get(), OSSL_PKEY_PARAM_PRIV_KEY, x.reveal_mutable()));
  Bytes y(size);
  TRY(read_number(pair.get(), OSSL_PKEY_PARAM_PUB_KEY, y));
  NewKey key = new_key(attributes, group);
  key.material = std::move(x);
  key.public_key = std::move(y);
  return key;
}

Result<NewKey> import_dh_pair(const Algorithms& algorithms, const psa::KeyAttributes& attributes,
                              ByteView x) {
  const auto* group = TRY(group_for(algorithms, attributes, x.size()));
  auto y = TRY(public_number(*group, x));
  auto material = TRY(SecretBuffer::copy_of(x));
  NewKey key = new_key(attributes, *group);
  key.material = std::move(material);
  key.public_key = std::move(y);
  return key;
}

Result<NewKey> import_dh_public_key(const Algorithms& algorithms,
                                    const psa::KeyAttributes& attributes, ByteView y) {
  const auto* group = TRY(group_for(algorithms, attributes, y.size()));
  std::ignore = TRY(checked_dh_public_key(*group, y));
  NewKey key = new_key(attributes, *group);
  key.public_key = copy_of(y);
  return key;
}

Result<Owned<EVP_PKEY>> dh_pair(std::uint32_t bits, ByteView x, ByteView y) {
  auto native = TRY(SecretBuffer::copy_of(x));
  swap_native_order(native.reveal_mutable());
  return key_of(bits, y, native.reveal_mutable());
}

Result<Owned<EVP_PKEY>> checked_dh_public_key(const DhGroup& group, ByteView y) {
  if (8 * y.size() != group.bits)
    return fail(Status::PsaErrorInvalidArgument, "the key is not as long as the prime");
  auto key = TRY(key_of(group.bits, y, {}));
  TRY(check_public_key(key.get()));
  return key;
}

}  // namespace strongroom::software
