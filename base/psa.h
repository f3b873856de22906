// Key types, algorithms and policies as PSA Crypto API 1.1 and the Parsec contracts name them, as
// plain values: what the wire, the policy, the providers and the client library have in common.
// Numbers of enumerators are those of the contracts, but that those of extensions follow without a
// gap; a value of these types is never "none" by accident, because decoding refuses what a contract
// calls invalid.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/psa_algorithm.h"

namespace strongroom::psa {

enum class EccFamily : std::uint8_t {
  SecpK1 = 1,
  SecpR1 = 2,
  SecpR2 = 3,
  SectK1 = 4,
  SectR1 = 5,
  SectR2 = 6,
  BrainpoolPR1 = 7,
  Frp = 8,
  Montgomery = 9,
  TwistedEdwards = 10,  // an extension
};

struct KeyType {
  enum class Kind : std::uint8_t {
    RawData = 1,
    Hmac = 2,
    Derive = 3,
    Aes = 4,
    Des = 5,
    Camellia = 6,
    Arc4 = 7,
    Chacha20 = 8,
    RsaPublicKey = 9,
    RsaKeyPair = 10,
    EccKeyPair = 11,
    EccPublicKey = 12,
    DhKeyPair = 13,
    DhPublicKey = 14,
  };
  Kind kind;
  // Set for ECC kinds alone. DH has one family, RFC 7919, and needs no field.
  std::optional<EccFamily> curve_family;
  bool operator==(const KeyType&) const = default;

  bool is_rsa() const noexcept { return kind == Kind::RsaPublicKey || kind == Kind::RsaKeyPair; }
  bool is_ecc() const noexcept { return kind == Kind::EccPublicKey || kind == Kind::EccKeyPair; }
  bool is_dh() const noexcept { return kind == Kind::DhPublicKey || kind == Kind::DhKeyPair; }
  bool is_public_key() const noexcept {
    return kind == Kind::RsaPublicKey || kind == Kind::EccPublicKey || kind == Kind::DhPublicKey;
  }
  bool is_key_pair() const noexcept {
    return kind == Kind::RsaKeyPair || kind == Kind::EccKeyPair || kind == Kind::DhKeyPair;
  }
};

struct UsageFlags {
  bool may_export = false;
  bool copy = false;
  bool cache = false;
  bool encrypt = false;
  bool decrypt = false;
  bool sign_message = false;
  bool verify_message = false;
  bool sign_hash = false;
  bool verify_hash = false;
  bool derive = false;
  bool wrap = false;    // an extension: encrypts other keys
  bool unwrap = false;  // an extension
  bool operator==(const UsageFlags&) const = default;
};

struct KeyAttributes {
  KeyType type;
  std::uint32_t bits;  // 0 only in an import: taken from the data
  UsageFlags usage;
  Algorithm algorithm;
  // An extension: AEAD encryption takes no nonce of the caller's, the service draws it.
  bool drawn_nonce_only = false;
  bool operator==(const KeyAttributes&) const = default;
};

// Whether a client that knows nothing but Parsec's contracts would fail on it.
bool is_extension(const KeyType& type) noexcept;

// For people: "aes-256", "ecc-secp-r1-256", and "aes" for 0 bits. Not a wire format.
std::string to_string(const KeyType& type, std::uint32_t bits);

}  // namespace strongroom::psa
