// Algorithms as PSA Crypto API 1.1 and the Parsec contracts name them, as plain values; base/psa.h
// says what goes for all of them.
#pragma once

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
    PureEddsa = 7,  // an extension; signs messages alone
  };
  Kind kind;
  // Empty for the kinds that take no hash; for the others it means "any hash", which stands in
  // policies only.
  std::optional<Hash> hash;
  bool takes_hash() const noexcept {
    return kind != Kind::RsaPkcs1v15Raw && kind != Kind::EcdsaAny && kind != Kind::PureEddsa;
  }
  // What operations it goes with; without a hash of its own it can only do one of both.
  bool signs_hashes() const noexcept { return kind != Kind::PureEddsa; }
  bool signs_messages() const noexcept { return takes_hash() || kind == Kind::PureEddsa; }
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

// An extension: how keys are encrypted under keys (PSA Crypto API 1.4, key wrapping; the names are
// those of the contract).
struct KeyWrap {
  enum class Kind : std::uint8_t { AesKwp = 1, RsaOaepAesKwp = 2 };
  Kind kind;
  std::optional<Hash> hash;  // OAEP's, for label and MGF1; empty for AES-KWP
  bool operator==(const KeyWrap&) const = default;
};

// A policy that permits nothing. It is a value of its own on the wire, too.
struct NoAlgorithm {
  bool operator==(const NoAlgorithm&) const = default;
};

using Algorithm = std::variant<NoAlgorithm, Hash, Mac, Cipher, Aead, AsymmetricSignature,
                               AsymmetricEncryption, KeyAgreement, KeyDerivation, KeyWrap>;

// For people: "ecdsa-sha256", "rsa-pss-any-hash". No two algorithms have one name. Not a wire
// format.
std::string to_string(Hash hash);
std::string to_string(const Algorithm& algorithm);

// Whether a client that knows nothing but Parsec's contracts would fail on it.
bool is_extension(const Algorithm& algorithm) noexcept;

}  // namespace strongroom::psa
