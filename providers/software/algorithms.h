// What this provider offers, as tables: a hash, curve, key size or cipher mode is one row. The
// operations and supports() look here alike, so that what is said and what is done agree. OpenSSL's
// algorithms are fetched once, at start: fetching costs as much as hashing a short message.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/psa.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// A Weierstrass curve of prime order (cofactor 1): a point on it other than infinity is a valid
// public key (SP 800-56A Rev. 3 §5.6.2.3.4).
struct Curve {
  psa::EccFamily family;
  std::uint32_t bits;
  const char* openssl_name;
  std::size_t field_size;   // of a coordinate, in bytes
  std::size_t scalar_size;  // of a private key, and of r and s
};

// Null for a curve that is not offered.
const Curve* curve_of(const psa::KeyType& type, std::uint32_t bits) noexcept;

// Key sizes in bits, ascending; empty for a type that is not offered.
std::span<const std::uint32_t> sizes_of(const psa::KeyType& type) noexcept;

bool is_offered(const psa::KeyType& type, std::uint32_t bits) noexcept;
// Fails with PsaErrorNotSupported unless the type is offered in that size; 0 asks about any size.
Result<> check_key_type(const psa::KeyType& type, std::uint32_t bits);
std::unexpected<Error> key_not_offered(const psa::KeyType& type, std::uint32_t bits);

// GCM tags of these lengths only, as PSA has it; OpenSSL would take shorter ones.
bool is_gcm_tag_size(std::uint32_t bytes) noexcept;

// Immutable after load(); read by all threads.
class Algorithms {
 public:
  // Fails when libcrypto lacks one of them.
  static Result<Algorithms> load();

  // Null for what is not offered.
  const EVP_MD* digest(psa::Hash hash) const noexcept;
  const EVP_CIPHER* gcm(std::uint32_t aes_bits) const noexcept;
  const EC_GROUP* group(const Curve& curve) const noexcept;

 private:
  Algorithms() = default;
  Result<> load_digests();
  Result<> load_ciphers();
  Result<> load_groups();

  std::map<psa::Hash, Owned<EVP_MD>> digests_;
  std::map<std::uint32_t, Owned<EVP_CIPHER>> gcm_;
  std::map<const Curve*, Owned<EC_GROUP>> groups_;
};

}  // namespace strongroom::software
