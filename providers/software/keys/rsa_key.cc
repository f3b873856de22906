#include "providers/software/keys/rsa_key.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "providers/software/key_types.h"
#include "providers/software/keys/der.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/numbers.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

// OpenSSL's names in the order of RSAPrivateKey after its version; RSAPublicKey is the first two.
constexpr std::array kNames = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};
using PublicNumbers = std::array<ByteView, 2>;
using PrivateNumbers = std::array<ByteView, kNames.size()>;
using VersionAndNumbers = std::array<ByteView, 1 + kNames.size()>;

constexpr std::uint32_t kLongestExponent = 64;  // bits

Result<PrivateNumbers> parse_pair(ByteView der) {
  VersionAndNumbers parsed;
  TRY(parse_integers(der, parsed));
  if (!parsed[0].empty())
    return fail(Status::PsaErrorInvalidArgument, "parsing RSAPrivateKey: version is not 0");
  PrivateNumbers numbers;
  std::ranges::copy(parsed.begin() + 1, parsed.end(), numbers.begin());
  return numbers;
}

Result<PublicNumbers> parse_public_key(ByteView der) {
  PublicNumbers numbers;
  TRY(parse_integers(der, numbers));
  return numbers;
}

bool is_odd(ByteView number) {
  return !number.empty() && (number.back() & std::byte{1}) != std::byte{0};
}

// Yields the key's size.
Result<std::uint32_t> check_public_numbers(const psa::KeyAttributes& attributes, ByteView modulus,
                                           ByteView exponent) {
  std::uint32_t bits = bit_length(modulus);
  if (attributes.bits != 0 && attributes.bits != bits)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("modulus has {} bits, not {}", bits, attributes.bits));
  if (!is_odd(modulus)) return fail(Status::PsaErrorInvalidArgument, "modulus is even");
  if (!is_odd(exponent) || bit_length(exponent) < 2 || bit_length(exponent) >= bits)
    return fail(Status::PsaErrorInvalidArgument, "public exponent is even, 1 or too large");
  if (!is_rsa_size(bits) || bit_length(exponent) > kLongestExponent)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("a modulus of {} bits with an exponent of {} is not offered", bits,
                            bit_length(exponent)));
  return bits;
}

Result<Owned<EVP_PKEY>> key_of_numbers(std::span<const ByteView> numbers, int selection) {
  std::size_t size = 0;
  for (ByteView number : numbers)
    size += number.size();
  auto native = TRY(SecretBuffer::of_size(size));
  std::array<OSSL_PARAM, kNames.size() + 1> parameters;
  MutableByteView rest = native.reveal_mutable();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    MutableByteView slot = rest.first(numbers[i].size());
    rest = rest.subspan(slot.size());
    std::ranges::copy(numbers[i], slot.begin());
    swap_native_order(slot);
    parameters[i] = OSSL_PARAM_construct_BN(kNames[i], octets(slot), slot.size());
  }
  parameters[numbers.size()] = OSSL_PARAM_construct_end();
  return key_from_parameters("RSA", selection, parameters.data());
}

Result<SecretBuffer> write_pair(const PrivateNumbers& numbers) {
  VersionAndNumbers integers;
  std::ranges::copy(numbers, integers.begin() + 1);
  auto der = TRY(SecretBuffer::of_size(size_of_integers(integers)));
  write_integers(integers, der.reveal_mutable());
  return der;
}

Bytes write_public_key(const PublicNumbers& numbers) {
  Bytes der(size_of_integers(numbers));
  write_integers(numbers, der);
  return der;
}

Result<NewKey> new_pair(const psa::KeyAttributes& attributes, SecretBuffer der,
                        const PrivateNumbers& numbers) {
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = bit_length(numbers[0]);
  key.public_key = write_public_key({numbers[0], numbers[1]});
  key.material = std::move(der);
  return key;
}

// Reads a pair's numbers into secret memory of our own and writes them as DER.
Result<NewKey> new_pair_of(const psa::KeyAttributes& attributes, EVP_PKEY* pair) {
  std::size_t slot_size = (attributes.bits + 7) / 8;
  auto native = TRY(SecretBuffer::of_size(kNames.size() * slot_size));
  std::array<MutableByteView, kNames.size()> slots;
  std::array<OSSL_PARAM, kNames.size() + 1> parameters;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = native.reveal_mutable().subspan(i * slot_size, slot_size);
    parameters[i] = OSSL_PARAM_construct_BN(kNames[i], octets(slots[i]), slot_size);
  }
  parameters.back() = OSSL_PARAM_construct_end();
  if (EVP_PKEY_get_params(pair, parameters.data()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_get_params"));

  PrivateNumbers numbers;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    MutableByteView slot = slots[i].first(parameters[i].return_size);
    swap_native_order(slot);
    numbers[i] = without_leading_zeros(slot);
  }
  auto der = TRY(write_pair(numbers));
  return new_pair(attributes, std::move(der), numbers);
}

// OpenSSL asks this between candidates for a prime; 0 ends the search.
int continue_unless_stopped(EVP_PKEY_CTX* context) {
  const auto* stop = static_cast<const std::stop_token*>(EVP_PKEY_CTX_get_app_data(context));
  return stop->stop_requested() ? 0 : 1;
}

std::unexpected<Error> cancelled() {
  return fail(Status::PsaErrorGenericError, "generating an RSA key: cancelled");
}

// n = p·q with both prime, d·e ≡ 1, and the three CRT numbers exact: RFC 8017 §3.2.
Result<> check_pair(EVP_PKEY* pair) {
  auto context = TRY(context_for(pair));
  if (EVP_PKEY_pairwise_check(context.get()) == 1) return {};
  return std::unexpected(
      openssl_refusal("EVP_PKEY_pairwise_check", Status::PsaErrorInvalidArgument));
}

}  // namespace

Result<NewKey> generate_rsa(const psa::KeyAttributes& attributes, std::stop_token stop) {
  if (stop.stop_requested()) return cancelled();
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(attributes.bits)) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_keygen_init"));
  EVP_PKEY_CTX_set_app_data(context.get(), &stop);
  EVP_PKEY_CTX_set_cb(context.get(), &continue_unless_stopped);
  EVP_PKEY* raw = nullptr;
  bool is_made = EVP_PKEY_generate(context.get(), &raw) == 1;
  Owned<EVP_PKEY> pair(raw);
  if (!is_made) {
    Error error = openssl_error("EVP_PKEY_generate");
    if (stop.stop_requested()) return cancelled();
    return std::unexpected(std::move(error));
  }
  return new_pair_of(attributes, pair.get());
}

Result<NewKey> import_rsa_pair(const psa::KeyAttributes& attributes, ByteView der) {
  auto numbers = TRY(parse_pair(der));
  std::ignore = TRY(check_public_numbers(attributes, numbers[0], numbers[1]));
  // A private exponent beyond the modulus would be correct in theory and slow in practice.
  bool is_bounded = std::ranges::all_of(numbers, [&](ByteView number) {
    return !number.empty() && number.size() <= numbers[0].size();
  });
  if (!is_bounded)
    return fail(Status::PsaErrorInvalidArgument, "a number of the RSA key is 0 or too large");
  auto pair = TRY(key_of_numbers(numbers, EVP_PKEY_KEYPAIR));
  TRY(check_pair(pair.get()));
  auto material = TRY(SecretBuffer::copy_of(der));
  return new_pair(attributes, std::move(material), numbers);
}

Result<NewKey> import_rsa_public_key(const psa::KeyAttributes& attributes, ByteView der) {
  auto numbers = TRY(parse_public_key(der));
  auto bits = TRY(check_public_numbers(attributes, numbers[0], numbers[1]));
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = bits;
  key.public_key = copy_of(der);
  return key;
}

Result<Owned<EVP_PKEY>> rsa_pair(ByteView der) {
  auto numbers = TRY(parse_pair(der));
  return key_of_numbers(numbers, EVP_PKEY_KEYPAIR);
}

Result<Owned<EVP_PKEY>> rsa_public_key(ByteView der) {
  auto numbers = TRY(parse_public_key(der));
  return key_of_numbers(numbers, EVP_PKEY_PUBLIC_KEY);
}

}  // namespace strongroom::software
