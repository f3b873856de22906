#include "client/c_api/psa_mapping.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace strongroom::c_api {
namespace {

// An enumerator and its value, or the part of it that does not vary.
template <typename Kind>
struct Row {
  Kind kind;
  std::uint32_t value;
};

template <typename Kind, std::size_t Size>
std::optional<Kind> kind_of(const std::array<Row<Kind>, Size>& rows, std::uint32_t value) {
  for (const Row<Kind>& row : rows)
    if (row.value == value) return row.kind;
  return std::nullopt;
}

template <typename Kind, std::size_t Size>
std::uint32_t value_of(const std::array<Row<Kind>, Size>& rows, Kind kind) noexcept {
  for (const Row<Kind>& row : rows)
    if (row.kind == kind) return row.value;
  return STRONGROOM_ALG_UNENCODABLE;
}

using TypeKind = psa::KeyType::Kind;
constexpr std::array kKeyTypes = std::to_array<Row<TypeKind>>({
    {TypeKind::RawData, STRONGROOM_KEY_TYPE_RAW_DATA},
    {TypeKind::Hmac, STRONGROOM_KEY_TYPE_HMAC},
    {TypeKind::Derive, STRONGROOM_KEY_TYPE_DERIVE},
    {TypeKind::Aes, STRONGROOM_KEY_TYPE_AES},
    {TypeKind::Des, STRONGROOM_KEY_TYPE_DES},
    {TypeKind::Camellia, STRONGROOM_KEY_TYPE_CAMELLIA},
    {TypeKind::Arc4, STRONGROOM_KEY_TYPE_ARC4},
    {TypeKind::Chacha20, STRONGROOM_KEY_TYPE_CHACHA20},
    {TypeKind::RsaPublicKey, STRONGROOM_KEY_TYPE_RSA_PUBLIC_KEY},
    {TypeKind::RsaKeyPair, STRONGROOM_KEY_TYPE_RSA_KEY_PAIR},
    {TypeKind::EccKeyPair, STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(0)},
    {TypeKind::EccPublicKey, STRONGROOM_KEY_TYPE_ECC_PUBLIC_KEY(0)},
    {TypeKind::DhKeyPair, STRONGROOM_KEY_TYPE_DH_KEY_PAIR(STRONGROOM_DH_FAMILY_RFC7919)},
    {TypeKind::DhPublicKey, STRONGROOM_KEY_TYPE_DH_PUBLIC_KEY(STRONGROOM_DH_FAMILY_RFC7919)},
});
constexpr std::array kFamilies = std::to_array<Row<psa::EccFamily>>({
    {psa::EccFamily::SecpK1, STRONGROOM_ECC_FAMILY_SECP_K1},
    {psa::EccFamily::SecpR1, STRONGROOM_ECC_FAMILY_SECP_R1},
    {psa::EccFamily::SecpR2, STRONGROOM_ECC_FAMILY_SECP_R2},
    {psa::EccFamily::SectK1, STRONGROOM_ECC_FAMILY_SECT_K1},
    {psa::EccFamily::SectR1, STRONGROOM_ECC_FAMILY_SECT_R1},
    {psa::EccFamily::SectR2, STRONGROOM_ECC_FAMILY_SECT_R2},
    {psa::EccFamily::BrainpoolPR1, STRONGROOM_ECC_FAMILY_BRAINPOOL_P_R1},
    {psa::EccFamily::Frp, STRONGROOM_ECC_FAMILY_FRP},
    {psa::EccFamily::Montgomery, STRONGROOM_ECC_FAMILY_MONTGOMERY},
    {psa::EccFamily::TwistedEdwards, STRONGROOM_ECC_FAMILY_TWISTED_EDWARDS},
});
constexpr std::array kHashes = std::to_array<Row<psa::Hash>>({
    {psa::Hash::Md2, STRONGROOM_ALG_MD2},
    {psa::Hash::Md4, STRONGROOM_ALG_MD4},
    {psa::Hash::Md5, STRONGROOM_ALG_MD5},
    {psa::Hash::Ripemd160, STRONGROOM_ALG_RIPEMD160},
    {psa::Hash::Sha1, STRONGROOM_ALG_SHA_1},
    {psa::Hash::Sha224, STRONGROOM_ALG_SHA_224},
    {psa::Hash::Sha256, STRONGROOM_ALG_SHA_256},
    {psa::Hash::Sha384, STRONGROOM_ALG_SHA_384},
    {psa::Hash::Sha512, STRONGROOM_ALG_SHA_512},
    {psa::Hash::Sha512_224, STRONGROOM_ALG_SHA_512_224},
    {psa::Hash::Sha512_256, STRONGROOM_ALG_SHA_512_256},
    {psa::Hash::Sha3_224, STRONGROOM_ALG_SHA3_224},
    {psa::Hash::Sha3_256, STRONGROOM_ALG_SHA3_256},
    {psa::Hash::Sha3_384, STRONGROOM_ALG_SHA3_384},
    {psa::Hash::Sha3_512, STRONGROOM_ALG_SHA3_512},
});
constexpr std::array kMacs = std::to_array<Row<psa::Mac::Kind>>({
    {psa::Mac::Kind::Hmac, STRONGROOM_ALG_HMAC(0)},
    {psa::Mac::Kind::CbcMac, STRONGROOM_ALG_CBC_MAC},
    {psa::Mac::Kind::Cmac, STRONGROOM_ALG_CMAC},
});
constexpr std::array kCiphers = std::to_array<Row<psa::Cipher>>({
    {psa::Cipher::StreamCipher, STRONGROOM_ALG_STREAM_CIPHER},
    {psa::Cipher::Ctr, STRONGROOM_ALG_CTR},
    {psa::Cipher::Cfb, STRONGROOM_ALG_CFB},
    {psa::Cipher::Ofb, STRONGROOM_ALG_OFB},
    {psa::Cipher::Xts, STRONGROOM_ALG_XTS},
    {psa::Cipher::EcbNoPadding, STRONGROOM_ALG_ECB_NO_PADDING},
    {psa::Cipher::CbcNoPadding, STRONGROOM_ALG_CBC_NO_PADDING},
    {psa::Cipher::CbcPkcs7, STRONGROOM_ALG_CBC_PKCS7},
});
// Without the length of the tag.
constexpr std::array kAeads = std::to_array<Row<psa::Aead::Kind>>({
    {psa::Aead::Kind::Ccm, STRONGROOM_ALG_AEAD_WITH_SHORTENED_TAG(STRONGROOM_ALG_CCM, 0)},
    {psa::Aead::Kind::Gcm, STRONGROOM_ALG_AEAD_WITH_SHORTENED_TAG(STRONGROOM_ALG_GCM, 0)},
    {psa::Aead::Kind::Chacha20Poly1305,
     STRONGROOM_ALG_AEAD_WITH_SHORTENED_TAG(STRONGROOM_ALG_CHACHA20_POLY1305, 0)},
});
using SignatureKind = psa::AsymmetricSignature::Kind;
// Those that take no hash have the value of another with hash 0.
constexpr std::array kSignatures = std::to_array<Row<SignatureKind>>({
    {SignatureKind::RsaPkcs1v15, STRONGROOM_ALG_RSA_PKCS1V15_SIGN(0)},
    {SignatureKind::RsaPkcs1v15Raw, STRONGROOM_ALG_RSA_PKCS1V15_SIGN_RAW},
    {SignatureKind::RsaPss, STRONGROOM_ALG_RSA_PSS(0)},
    {SignatureKind::Ecdsa, STRONGROOM_ALG_ECDSA(0)},
    {SignatureKind::EcdsaAny, STRONGROOM_ALG_ECDSA_ANY},
    {SignatureKind::DeterministicEcdsa, STRONGROOM_ALG_DETERMINISTIC_ECDSA(0)},
    {SignatureKind::PureEddsa, STRONGROOM_ALG_PURE_EDDSA},
});
constexpr std::array kDerivations = std::to_array<Row<psa::KeyDerivation::Kind>>({
    {psa::KeyDerivation::Kind::Hkdf, STRONGROOM_ALG_HKDF(0)},
    {psa::KeyDerivation::Kind::Tls12Prf, STRONGROOM_ALG_TLS12_PRF(0)},
    {psa::KeyDerivation::Kind::Tls12PskToMs, STRONGROOM_ALG_TLS12_PSK_TO_MS(0)},
});
constexpr std::array kAgreements = std::to_array<Row<psa::RawKeyAgreement>>({
    {psa::RawKeyAgreement::Ffdh, STRONGROOM_ALG_FFDH},
    {psa::RawKeyAgreement::Ecdh, STRONGROOM_ALG_ECDH},
});

struct Flag {
  bool psa::UsageFlags::* member;
  std::uint32_t value;
};
constexpr std::array kFlags = std::to_array<Flag>({
    {&psa::UsageFlags::may_export, STRONGROOM_KEY_USAGE_EXPORT},
    {&psa::UsageFlags::copy, STRONGROOM_KEY_USAGE_COPY},
    {&psa::UsageFlags::cache, STRONGROOM_KEY_USAGE_CACHE},
    {&psa::UsageFlags::encrypt, STRONGROOM_KEY_USAGE_ENCRYPT},
    {&psa::UsageFlags::decrypt, STRONGROOM_KEY_USAGE_DECRYPT},
    {&psa::UsageFlags::sign_message, STRONGROOM_KEY_USAGE_SIGN_MESSAGE},
    {&psa::UsageFlags::verify_message, STRONGROOM_KEY_USAGE_VERIFY_MESSAGE},
    {&psa::UsageFlags::sign_hash, STRONGROOM_KEY_USAGE_SIGN_HASH},
    {&psa::UsageFlags::verify_hash, STRONGROOM_KEY_USAGE_VERIFY_HASH},
    {&psa::UsageFlags::derive, STRONGROOM_KEY_USAGE_DERIVE},
    {&psa::UsageFlags::wrap, STRONGROOM_KEY_USAGE_WRAP},
    {&psa::UsageFlags::unwrap, STRONGROOM_KEY_USAGE_UNWRAP},
});

// The fields of an algorithm's value.
constexpr std::uint32_t kHashField = 0x000000ff;
constexpr std::uint32_t kSizeShift = 16;
constexpr std::uint32_t kMaxSize = 0x3f;
constexpr std::uint32_t kSizeField = kMaxSize << kSizeShift;
// "At least this length", which policies of that specification may say, and Parsec's may not.
constexpr std::uint32_t kWildcardField = 0x00008000;
constexpr std::uint32_t kHashCategory = 0x02000000;
constexpr std::uint32_t kAnyHash = STRONGROOM_ALG_ANY_HASH & kHashField;

std::uint32_t size_in(std::uint32_t value) {
  return (value & kSizeField) >> kSizeShift;
}

std::uint32_t hash_field(const std::optional<psa::Hash>& hash) noexcept {
  return hash ? value_of(kHashes, *hash) & kHashField : 0;
}

std::optional<psa::Hash> hash_in(std::uint32_t value) {
  return kind_of(kHashes, kHashCategory | (value & kHashField));
}

// What the fields that are looked at say; algorithm_from() makes sure that nothing else is set.
using Decoded = std::optional<psa::Algorithm>;

Decoded decode_mac(std::uint32_t value) {
  auto kind = kind_of(kMacs, value & ~(kHashField | kSizeField | kWildcardField));
  if (!kind) return std::nullopt;
  psa::Mac mac{.kind = *kind};
  if (mac.kind == psa::Mac::Kind::Hmac) {
    mac.hash = hash_in(value);
    if (!mac.hash) return std::nullopt;
  }
  if (size_in(value) != 0) mac.truncated_size = size_in(value);
  return mac;
}

Decoded decode_aead(std::uint32_t value) {
  auto kind = kind_of(kAeads, value & ~(kSizeField | kWildcardField));
  if (!kind) return std::nullopt;
  psa::Aead aead{.kind = *kind};
  if (size_in(value) != psa::Aead::kDefaultTagSize) aead.shortened_tag_size = size_in(value);
  return aead;
}

Decoded decode_signature(std::uint32_t value) {
  std::uint32_t hash = value & kHashField;
  auto kind = kind_of(kSignatures, value & ~kHashField);
  if (!kind) return std::nullopt;
  if (hash == kAnyHash) return psa::AsymmetricSignature{.kind = *kind};
  if (hash != 0) {
    auto known = hash_in(hash);
    if (!known) return std::nullopt;
    return psa::AsymmetricSignature{.kind = *kind, .hash = known};
  }
  if (*kind == SignatureKind::RsaPkcs1v15)
    return psa::AsymmetricSignature{.kind = SignatureKind::RsaPkcs1v15Raw};
  if (*kind == SignatureKind::Ecdsa)
    return psa::AsymmetricSignature{.kind = SignatureKind::EcdsaAny};
  if (*kind == SignatureKind::PureEddsa) return psa::AsymmetricSignature{.kind = *kind};
  return std::nullopt;
}

Decoded decode_encryption(std::uint32_t value) {
  using Kind = psa::AsymmetricEncryption::Kind;
  if (value == STRONGROOM_ALG_RSA_PKCS1V15_CRYPT)
    return psa::AsymmetricEncryption{.kind = Kind::RsaPkcs1v15};
  auto hash = hash_in(value);
  if (!hash) return std::nullopt;
  return psa::AsymmetricEncryption{.kind = Kind::RsaOaep, .hash = hash};
}

std::optional<psa::KeyDerivation> decode_derivation(std::uint32_t value) {
  auto kind = kind_of(kDerivations, value & ~kHashField);
  auto hash = hash_in(value);
  if (!kind || !hash) return std::nullopt;
  return psa::KeyDerivation{.kind = *kind, .hash = *hash};
}

Decoded decode_agreement(std::uint32_t value) {
  constexpr std::uint32_t kDerivationField = 0x0000ffff;
  constexpr std::uint32_t kDerivationCategory = 0x08000000;
  auto raw = kind_of(kAgreements, value & ~kDerivationField);
  if (!raw) return std::nullopt;
  if ((value & kDerivationField) == 0) return psa::KeyAgreement{.raw = *raw};
  auto derivation = decode_derivation(kDerivationCategory | (value & kDerivationField));
  if (!derivation) return std::nullopt;
  return psa::KeyAgreement{.raw = *raw, .derivation = derivation};
}

Decoded decode_key_wrap(std::uint32_t value) {
  if (value == STRONGROOM_ALG_KWP) return psa::KeyWrap{.kind = psa::KeyWrap::Kind::AesKwp};
  auto hash = hash_in(value);
  if (!hash) return std::nullopt;
  return psa::KeyWrap{.kind = psa::KeyWrap::Kind::RsaOaepAesKwp, .hash = hash};
}

Decoded decode(std::uint32_t value) {
  constexpr std::uint32_t kCategoryShift = 24;
  switch (value >> kCategoryShift) {
    case 0x00: return psa::NoAlgorithm{};
    case 0x02: return kind_of(kHashes, value);
    case 0x03: return decode_mac(value);
    case 0x04: return kind_of(kCiphers, value);
    case 0x05: return decode_aead(value);
    case 0x06: return decode_signature(value);
    case 0x07: return decode_encryption(value);
    case 0x08: return decode_derivation(value);
    case 0x09: return decode_agreement(value);
    case 0x0b:
    case 0x8b: return decode_key_wrap(value);
    default: return std::nullopt;
  }
}

// One call for each alternative of psa::Algorithm.
struct AlgorithmValue {
  static std::uint32_t with_size(std::uint32_t value, std::uint32_t size) noexcept {
    if (size == 0 || size > kMaxSize) return STRONGROOM_ALG_UNENCODABLE;
    return value | size << kSizeShift;
  }

  std::uint32_t operator()(psa::NoAlgorithm /*none*/) const noexcept { return 0; }
  std::uint32_t operator()(psa::Hash hash) const noexcept { return value_of(kHashes, hash); }
  std::uint32_t operator()(psa::Cipher cipher) const noexcept { return value_of(kCiphers, cipher); }
  std::uint32_t operator()(const psa::Mac& mac) const noexcept {
    std::uint32_t value = value_of(kMacs, mac.kind) | hash_field(mac.hash);
    return mac.truncated_size ? with_size(value, *mac.truncated_size) : value;
  }
  std::uint32_t operator()(const psa::Aead& aead) const noexcept {
    return with_size(value_of(kAeads, aead.kind), aead.tag_size());
  }
  std::uint32_t operator()(const psa::AsymmetricSignature& signature) const noexcept {
    std::uint32_t value = value_of(kSignatures, signature.kind);
    if (!signature.takes_hash()) return value;
    return value | (signature.hash ? hash_field(signature.hash) : kAnyHash);
  }
  std::uint32_t operator()(const psa::AsymmetricEncryption& encryption) const noexcept {
    if (!encryption.hash) return STRONGROOM_ALG_RSA_PKCS1V15_CRYPT;
    return STRONGROOM_ALG_RSA_OAEP(hash_field(encryption.hash));
  }
  std::uint32_t operator()(const psa::KeyDerivation& derivation) const noexcept {
    return value_of(kDerivations, derivation.kind) | hash_field(derivation.hash);
  }
  std::uint32_t operator()(const psa::KeyAgreement& agreement) const noexcept {
    std::uint32_t value = value_of(kAgreements, agreement.raw);
    return agreement.derivation ? value | (*this)(*agreement.derivation) : value;
  }
  std::uint32_t operator()(const psa::KeyWrap& wrap) const noexcept {
    if (!wrap.hash) return STRONGROOM_ALG_KWP;
    return STRONGROOM_ALG_RSA_OAEP_KWP(hash_field(wrap.hash));
  }
};

std::unexpected<ClientError> not_supported(std::string message) {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorNotSupported, std::move(message)));
}

}  // namespace

ClientResult<psa::KeyType> key_type_from(strongroom_key_type value) {
  constexpr std::uint32_t kFamilyField = 0x00ff;
  if (auto kind = kind_of(kKeyTypes, value); kind && !psa::KeyType{*kind}.is_ecc())
    return psa::KeyType{.kind = *kind};
  auto kind = kind_of(kKeyTypes, value & ~kFamilyField);
  auto family = kind_of(kFamilies, value & kFamilyField);
  if (!kind || !family || !psa::KeyType{*kind}.is_ecc())
    return not_supported(
        fmt::format("reading the key type: Parsec has none for PSA's 0x{:04x}", value));
  return psa::KeyType{.kind = *kind, .curve_family = family};
}

ClientResult<psa::UsageFlags> usage_from(strongroom_key_usage value) {
  psa::UsageFlags usage;
  std::uint32_t unknown = value;
  for (const Flag& flag : kFlags) {
    usage.*flag.member = (value & flag.value) != 0;
    unknown &= ~flag.value;
  }
  if (unknown != 0)
    return not_supported(
        fmt::format("reading the usage flags: Parsec has none for PSA's 0x{:08x}", unknown));
  return usage;
}

ClientResult<psa::Algorithm> algorithm_from(strongroom_algorithm value) {
  Decoded decoded = decode(value);
  if (!decoded || psa_value(*decoded) != value)
    return not_supported(
        fmt::format("reading the algorithm: Parsec has none for PSA's 0x{:08x}", value));
  return *decoded;
}

strongroom_key_type psa_value(const psa::KeyType& type) noexcept {
  std::uint32_t family = type.curve_family ? value_of(kFamilies, *type.curve_family) : 0;
  return static_cast<strongroom_key_type>(value_of(kKeyTypes, type.kind) | family);
}

strongroom_key_usage psa_value(const psa::UsageFlags& usage) noexcept {
  strongroom_key_usage value = 0;
  for (const Flag& flag : kFlags)
    if (usage.*flag.member) value |= flag.value;
  return value;
}

strongroom_algorithm psa_value(const psa::Algorithm& algorithm) {
  return std::visit(AlgorithmValue(), algorithm);
}

std::unexpected<ClientError> wrong_kind(strongroom_algorithm value, std::string_view kind) {
  return std::unexpected(ClientError(
      ErrorSource::Caller, Status::PsaErrorInvalidArgument,
      fmt::format("reading the algorithm: PSA's 0x{:08x} is not {} algorithm", value, kind)));
}

ClientResult<psa::RawKeyAgreement> raw_agreement_from(strongroom_algorithm value) {
  constexpr std::string_view kKind = "a raw key agreement";
  auto agreement = TRY(algorithm_as<psa::KeyAgreement>(value, kKind));
  if (agreement.derivation) return wrong_kind(value, kKind);
  return agreement.raw;
}

}  // namespace strongroom::c_api
