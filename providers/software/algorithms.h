// What libcrypto has of what the contract names. It is asked once, at start: fetching an algorithm
// costs as much as hashing a short message. The operations and supports() look here alike, so that
// what is said and what is done agree.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "base/error.h"
#include "base/psa.h"
#include "providers/software/curves.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {

// How a block or stream cipher is used.
enum class Mode : std::uint8_t {
  Stream,
  Ctr,
  Cfb,
  Ofb,
  Xts,
  Ecb,
  Cbc,
  Ccm,
  Gcm,
  Poly1305,
  KeyWrap,  // with padding
};

// A group of RFC 7919: the prime p = 2q + 1 and the generator 2 of the subgroup of order q.
struct DhGroup {
  std::uint32_t bits;
  const char* openssl_name;
  Owned<BIGNUM> p;
  Owned<BIGNUM> q;
  Owned<BIGNUM> g;
};

// Immutable after load(); read by all threads.
class Algorithms {
 public:
  // Whether to use OpenSSL's legacy provider, where it is installed: MD4, single DES, RC4.
  enum class Legacy { Absent, Wanted };

  // Fails when libcrypto lacks SHA-2, AES or a NIST curve; what else it lacks is not offered.
  static Result<Algorithms> load(Legacy legacy = Legacy::Absent);

  // Null for what is not offered.
  const EVP_MD* digest(psa::Hash hash) const noexcept;
  // `bits` is the key's size, which for XTS is twice the cipher's. RC4 has one row for all sizes.
  const EVP_CIPHER* cipher(psa::KeyType::Kind kind, std::uint32_t bits, Mode mode) const noexcept;
  const EC_GROUP* group(const Curve& curve) const noexcept;
  const DhGroup* dh_group(std::uint32_t bits) const noexcept;
  EVP_MAC* hmac() const noexcept { return hmac_.get(); }
  EVP_MAC* cmac() const noexcept { return cmac_.get(); }

  // Are there such ciphers, curves, groups? 0 bits stand for any size.
  bool has_cipher(psa::KeyType::Kind kind, std::uint32_t bits) const noexcept;
  bool has_cipher(psa::KeyType::Kind kind, std::uint32_t bits, Mode mode) const noexcept;
  bool has_curve(psa::EccFamily family, std::uint32_t bits) const noexcept;
  bool has_dh_group(std::uint32_t bits) const noexcept;

 private:
  using CipherKey = std::tuple<psa::KeyType::Kind, std::uint32_t, Mode>;

  Algorithms() = default;
  Result<> load_digests();
  Result<> load_ciphers();
  void load_macs();
  Result<> load_curves();
  void load_dh_groups();

  Owned<OSSL_PROVIDER> legacy_;  // released last
  std::map<psa::Hash, Owned<EVP_MD>> digests_;
  std::map<CipherKey, Owned<EVP_CIPHER>> ciphers_;
  Owned<EVP_MAC> hmac_;
  Owned<EVP_MAC> cmac_;
  std::map<const Curve*, Owned<EC_GROUP>> curves_;
  std::map<std::uint32_t, Owned<EVP_KEYEXCH>> montgomery_curves_;
  std::map<std::uint32_t, Owned<EVP_SIGNATURE>> edwards_curves_;
  std::map<std::uint32_t, DhGroup> dh_groups_;
};

}  // namespace strongroom::software
