// Key types, algorithms and policies as PSA Crypto API 1.1 and the Parsec contracts name them, as
// plain values: what the wire, the policy, the providers and the client library have in common.
// Numbers of enumerators are those of the contracts; a value of these types is never "none" by
// accident, because decoding refuses what a contract calls invalid.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace strongroom::psa {

enum class Hash : std::uint8_t {
  Md2 = 1,
  Md4 = 2,
  Md5 = 3,
  Ripemd160 = 4,
  Sha1 = 5,
  Sha224 = 6,
  Sha256 = 7,
  Sha384 = 8,
  Sha512 = 9,
  Sha512_224 = 10,
  Sha512_256 = 11,
  Sha3_224 = 12,
  Sha3_256 = 13,
  Sha3_384 = 14,
  Sha3_512 = 15,
};

// Length of the digest in bytes.
std::size_t digest_size(Hash hash) noexcept;

enum class Cipher : std::uint8_t {
  StreamCipher = 1,
  Ctr = 2,
  Cfb = 3,
  Ofb = 4,
  Xts = 5,
  EcbNoPadding = 6,
  CbcNoPadding = 7,
  CbcPkcs7 = 8,
};

struct Mac {
  enum class Kind : std::uint8_t { Hmac = 1, CbcMac = 2, Cmac = 3 };
  Kind kind;
  std::optional<Hash> hash;                     // HMAC's; empty for the others
  std::optional<std::uint32_t> truncated_size;  // bytes; empty for the full length
  bool operator==(const Mac&) const = default;
};

struct Aead {
  enum class Kind : std::uint8_t { Ccm = 1, Gcm = 2, Chacha20Poly1305 = 3 };
  static constexpr std::uint32_t kDefaultTagSize = 16;
  Kind kind;
  // Bytes; empty means the default length. The two forms are different algorithms to a policy.
  std::optional<std::uint32_t> shortened_tag_size;
  std::uint32_t tag_size() const noexcept { return shortened_tag_size.value_or(kDefaultTagSize); }
  bool operator==(const Aead&) const = default;
};

struct AsymmetricSignature {
  enum class Kind : std::uint8_t {
    RsaPkcs1v15 = 1,
    RsaPkcs1v15Raw = 2,
    RsaPss = 3,
    Ecdsa = 4,
    EcdsaAny = 5,
    DeterministicEcdsa = 6,
  };
  Kind kind;
  // Empty for the two kinds that take no hash; for the others it means "any hash", which stands in
  // policies only.
  std::optional<Hash> hash;
  bool takes_hash() const noexcept {
    return kind != Kind::RsaPkcs1v15Raw && kind != Kind::EcdsaAny;
  }
  bool operator==(const AsymmetricSignature&) const = default;
};

struct AsymmetricEncryption {
  enum class Kind : std::uint8_t { RsaPkcs1v15 = 1, RsaOaep = 2 };
  Kind kind;
  std::optional<Hash> hash;  // OAEP's, for label and MGF1; empty for PKCS#1 v1.5
  bool operator==(const AsymmetricEncryption&) const = default;
};

struct KeyDerivation {
  enum class Kind : std::uint8_t { Hkdf = 1, Tls12Prf = 2, Tls12PskToMs = 3 };
  Kind kind;
  Hash hash;
  bool operator==(const KeyDerivation&) const = default;
};

enum class RawKeyAgreement : std::uint8_t { Ffdh = 1, Ecdh = 2 };

struct KeyAgreement {
  RawKeyAgreement raw;
  std::optional<KeyDerivation> derivation;
  bool operator==(const KeyAgreement&) const = default;
};

// A policy that permits nothing. It is a value of its own on the wire, too.
struct NoAlgorithm {
  bool operator==(const NoAlgorithm&) const = default;
};

using Algorithm = std::variant<NoAlgorithm, Hash, Mac, Cipher, Aead, AsymmetricSignature,
                               AsymmetricEncryption, KeyAgreement, KeyDerivation>;

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
  bool operator==(const UsageFlags&) const = default;
};

struct KeyAttributes {
  KeyType type;
  std::uint32_t bits;  // 0 only in an import: taken from the data
  UsageFlags usage;
  Algorithm algorithm;
  bool operator==(const KeyAttributes&) const = default;
};

// For people: "ecdsa-sha256", "rsa-pss-any-hash", "aes-256", "ecc-secp-r1-256", and "aes" for 0
// bits. No two algorithms have one name. Not a wire format.
std::string to_string(Hash hash);
std::string to_string(const Algorithm& algorithm);
std::string to_string(const KeyType& type, std::uint32_t bits);

}  // namespace strongroom::psa
