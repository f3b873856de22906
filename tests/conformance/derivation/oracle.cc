#include "tests/conformance/derivation/oracle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

namespace strongroom::conformance::oracle {
namespace {

using Kind = psa::KeyDerivation::Kind;

struct Release {
  void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

const char* name_of(psa::Hash hash) {
  constexpr std::array kNames = {"",           "MD2",      "MD4",          "MD5",
                                 "RIPEMD-160", "SHA1",     "SHA2-224",     "SHA2-256",
                                 "SHA2-384",   "SHA2-512", "SHA2-512/224", "SHA2-512/256",
                                 "SHA3-224",   "SHA3-256", "SHA3-384",     "SHA3-512"};
  return kNames.at(static_cast<std::size_t>(hash));
}

OSSL_PARAM octets_parameter(const char* name, ByteView value) {
  static std::byte nothing{};
  auto* data = value.empty() ? &nothing : const_cast<std::byte*>(value.data());
  return OSSL_PARAM_construct_octet_string(name, data, value.size());
}

Bytes joined(ByteView a, ByteView b) {
  Bytes both = copy_of(a);
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

// RFC 4279 §2.
Bytes premaster_secret(ByteView key) {
  const Bytes length = {static_cast<std::byte>(key.size() >> 8),
                        static_cast<std::byte>(key.size())};
  return joined(joined(length, Bytes(key.size())), joined(length, key));
}

// With OpenSSL's legacy provider, which has MD4, whatever the rest of the process has.
OSSL_LIB_CTX* library() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    OSSL_PROVIDER_load(made, "default");
    OSSL_PROVIDER_load(made, "legacy");
    return made;
  }();
  return context;
}

Bytes run(const char* kdf_name, OSSL_PARAM* parameters, std::size_t size) {
  std::unique_ptr<EVP_KDF, Release> kdf(EVP_KDF_fetch(library(), kdf_name, nullptr));
  std::unique_ptr<EVP_KDF_CTX, Release> context(EVP_KDF_CTX_new(kdf.get()));
  Bytes output(size);
  if (EVP_KDF_derive(context.get(), octets(MutableByteView(output)), size, parameters) == 1)
    return output;
  ERR_clear_error();
  return {};
}

}  // namespace

Bytes derived(const psa::KeyDerivation& algorithm, ByteView secret, const DerivationInput& input,
              std::size_t size) {
  OSSL_PARAM digest = OSSL_PARAM_construct_utf8_string(
      OSSL_KDF_PARAM_DIGEST, const_cast<char*>(name_of(algorithm.hash)), 0);
  if (algorithm.kind == Kind::Hkdf) {
    std::array parameters = {digest, octets_parameter(OSSL_KDF_PARAM_KEY, secret),
                             octets_parameter(OSSL_KDF_PARAM_INFO, input.info),
                             octets_parameter(OSSL_KDF_PARAM_SALT, input.salt),
                             OSSL_PARAM_construct_end()};
    if (input.salt.empty()) parameters[3] = OSSL_PARAM_construct_end();
    return run("HKDF", parameters.data(), size);
  }
  const Bytes key =
      algorithm.kind == Kind::Tls12PskToMs ? premaster_secret(secret) : copy_of(secret);
  const Bytes seed = joined(input.label, input.seed);
  std::array parameters = {digest, octets_parameter(OSSL_KDF_PARAM_SECRET, key),
                           octets_parameter(OSSL_KDF_PARAM_SEED, seed), OSSL_PARAM_construct_end()};
  return run("TLS1-PRF", parameters.data(), size);
}

// PSA Crypto API 1.1, psa_key_derivation_output_key(): k of as many bits as the order N, until
// k ≤ N - 2; the key is k + 1.
Bytes scalar_out_of(ByteView output, ByteView order, std::size_t scalar_size, int& redraws) {
  while (order[0] == std::byte{0})
    order = order.subspan(1);
  const int bits_on_top = std::bit_width(std::to_integer<unsigned>(order[0]));
  redraws = 0;
  while (output.size() >= order.size()) {
    Bytes number = copy_of(output.first(order.size()));
    output = output.subspan(order.size());
    number[0] &= static_cast<std::byte>((1 << bits_on_top) - 1);
    bool carries = true;
    for (std::size_t i = number.size(); carries && i-- > 0;) {
      number[i] = static_cast<std::byte>(std::to_integer<unsigned>(number[i]) + 1);
      carries = number[i] == std::byte{0};
    }
    if (!carries && std::ranges::lexicographical_compare(number, order)) {
      Bytes scalar(scalar_size - number.size());
      scalar.insert(scalar.end(), number.begin(), number.end());
      return scalar;
    }
    ++redraws;
  }
  return {};
}

}  // namespace strongroom::conformance::oracle
