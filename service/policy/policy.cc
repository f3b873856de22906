#include "service/policy/policy.h"

#include <algorithm>
#include <array>

namespace strongroom::policy {
namespace {

using psa::Algorithm;
using psa::EccFamily;
using psa::Hash;
using psa::KeyType;
using Kind = psa::KeyType::Kind;

bool is_deprecated_hash(std::optional<Hash> hash) {
  return hash == Hash::Md2 || hash == Hash::Md4 || hash == Hash::Md5 || hash == Hash::Sha1;
}

// The hash inside an algorithm, where there is one.
struct HashOf {
  using Answer = std::optional<Hash>;
  Answer operator()(const psa::NoAlgorithm&) const { return std::nullopt; }
  Answer operator()(const psa::Cipher&) const { return std::nullopt; }
  Answer operator()(const psa::Aead&) const { return std::nullopt; }
  Answer operator()(const Hash& hash) const { return hash; }
  Answer operator()(const psa::Mac& mac) const { return mac.hash; }
  Answer operator()(const psa::AsymmetricSignature& signature) const { return signature.hash; }
  Answer operator()(const psa::AsymmetricEncryption& encryption) const { return encryption.hash; }
  Answer operator()(const psa::KeyDerivation& derivation) const { return derivation.hash; }
  Answer operator()(const psa::KeyAgreement& agreement) const {
    if (!agreement.derivation) return std::nullopt;
    return agreement.derivation->hash;
  }
  Answer operator()(const psa::KeyWrap& wrap) const { return wrap.hash; }
};

struct Curve {
  EccFamily family;
  std::uint32_t bits;
  bool operator==(const Curve&) const = default;
};
constexpr std::array kDeprecatedCurves = {
    Curve{EccFamily::SecpR2, 160}, Curve{EccFamily::SectK1, 163}, Curve{EccFamily::SectR1, 163},
    Curve{EccFamily::SectR2, 163}, Curve{EccFamily::BrainpoolPR1, 160}};
// Families with no other curve are deprecated whatever size is asked for.
constexpr std::array kDeprecatedFamilies = {EccFamily::SecpR2, EccFamily::SectR2};

// SP 800-131A Rev. 2 §3: less than 112 bits of security.
constexpr std::uint32_t kDeprecatedRsa = 1024;

bool is_deprecated_type(const KeyType& type, std::uint32_t bits) {
  if (type.kind == Kind::Des || type.kind == Kind::Arc4) return true;
  if (type.is_rsa()) return bits != 0 && bits <= kDeprecatedRsa;
  if (!type.is_ecc()) return false;
  return std::ranges::find(kDeprecatedFamilies, *type.curve_family) != kDeprecatedFamilies.end() ||
         std::ranges::find(kDeprecatedCurves, Curve{*type.curve_family, bits}) !=
             kDeprecatedCurves.end();
}

bool is_edwards(const KeyType& type) {
  return type.curve_family == EccFamily::TwistedEdwards;
}

bool is_block_cipher(Kind kind) {
  return kind == Kind::Aes || kind == Kind::Camellia || kind == Kind::Des;
}

// Which key types an algorithm goes with; one overload a row of the contract's table.
struct IsCompatible {
  const KeyType& type;

  bool operator()(const psa::NoAlgorithm&) const { return false; }
  bool operator()(const Hash&) const { return false; }
  bool operator()(const psa::Mac& mac) const {
    if (mac.kind == psa::Mac::Kind::Hmac) return type.kind == Kind::Hmac;
    return is_block_cipher(type.kind);
  }
  bool operator()(const psa::Cipher& cipher) const {
    if (cipher == psa::Cipher::StreamCipher)
      return type.kind == Kind::Arc4 || type.kind == Kind::Chacha20;
    return is_block_cipher(type.kind);
  }
  bool operator()(const psa::Aead& aead) const {
    if (aead.kind == psa::Aead::Kind::Chacha20Poly1305) return type.kind == Kind::Chacha20;
    return type.kind == Kind::Aes || type.kind == Kind::Camellia;
  }
  bool operator()(const psa::AsymmetricSignature& signature) const {
    using SignatureKind = psa::AsymmetricSignature::Kind;
    switch (signature.kind) {
      case SignatureKind::RsaPkcs1v15:
      case SignatureKind::RsaPkcs1v15Raw:
      case SignatureKind::RsaPss: return type.is_rsa();
      case SignatureKind::Ecdsa:
      case SignatureKind::EcdsaAny:
      case SignatureKind::DeterministicEcdsa: return type.is_ecc() && !is_edwards(type);
      case SignatureKind::PureEddsa: return is_edwards(type);
    }
    return false;
  }
  bool operator()(const psa::AsymmetricEncryption&) const { return type.is_rsa(); }
  bool operator()(const psa::KeyDerivation&) const { return type.kind == Kind::Derive; }
  bool operator()(const psa::KeyAgreement& agreement) const {
    if (agreement.raw == psa::RawKeyAgreement::Ffdh) return type.is_dh();
    return type.is_ecc() && !is_edwards(type);
  }
  bool operator()(const psa::KeyWrap& wrap) const {
    return wrap.kind == psa::KeyWrap::Kind::AesKwp ? type.kind == Kind::Aes : type.is_rsa();
  }
};

bool permits_signature(const psa::AsymmetricSignature& permitted, const Algorithm& requested) {
  const auto* signature = std::get_if<psa::AsymmetricSignature>(&requested);
  if (signature == nullptr || signature->kind != permitted.kind) return false;
  if (!permitted.takes_hash()) return true;
  if (!signature->hash) return false;
  return !permitted.hash || *permitted.hash == *signature->hash;
}

// Whether the algorithm can be used in the way that the flag stands for.
bool goes_with(Usage usage, const Algorithm& algorithm) {
  const auto* signature = std::get_if<psa::AsymmetricSignature>(&algorithm);
  bool is_of_hashes =
      usage == &psa::UsageFlags::sign_hash || usage == &psa::UsageFlags::verify_hash;
  return signature == nullptr || !is_of_hashes || signature->signs_hashes();
}

}  // namespace

psa::UsageFlags widened(psa::UsageFlags usage) noexcept {
  usage.sign_message |= usage.sign_hash;
  usage.verify_message |= usage.verify_hash;
  return usage;
}

bool permits(const Algorithm& permitted, const Algorithm& requested) {
  if (std::holds_alternative<psa::NoAlgorithm>(permitted)) return false;
  if (const auto* signature = std::get_if<psa::AsymmetricSignature>(&permitted))
    return permits_signature(*signature, requested);
  return permitted == requested;
}

bool is_compatible(const Algorithm& algorithm, const KeyType& type) {
  return std::visit(IsCompatible{type}, algorithm);
}

bool is_deprecated(const psa::KeyAttributes& attributes) {
  return is_deprecated_hash(std::visit(HashOf(), attributes.algorithm)) ||
         is_deprecated_type(attributes.type, attributes.bits);
}

Result<> check_use(const psa::KeyAttributes& key, Usage usage, const Algorithm& algorithm) {
  if (!(key.usage.*usage))
    return fail(Status::PsaErrorNotPermitted, "the key's usage flags do not permit it");
  if (!permits(key.algorithm, algorithm))
    return fail(Status::PsaErrorNotPermitted,
                fmt::format("the key's policy permits '{}', not '{}'",
                            psa::to_string(key.algorithm), psa::to_string(algorithm)));
  if (!goes_with(usage, algorithm))
    return fail(Status::PsaErrorNotPermitted,
                fmt::format("'{}' takes messages, not digests", psa::to_string(algorithm)));
  if (!is_compatible(algorithm, key.type))
    return fail(Status::PsaErrorNotPermitted,
                fmt::format("'{}' does not go with a key of type '{}'", psa::to_string(algorithm),
                            psa::to_string(key.type, key.bits)));
  return {};
}

Result<> check_settings(const psa::KeyAttributes& key) {
  if (!key.drawn_nonce_only || std::holds_alternative<psa::Aead>(key.algorithm)) return {};
  return fail(
      Status::PsaErrorInvalidArgument,
      fmt::format("'drawn_nonce_only' is for AEAD, not for '{}'", psa::to_string(key.algorithm)));
}

Result<> check_nonce_of_caller(const psa::KeyAttributes& key) {
  if (!key.drawn_nonce_only) return {};
  return fail(Status::PsaErrorNotPermitted,
              "the key takes no nonce of the caller's: AeadSeal draws one");
}

Result<> check_export(const psa::KeyAttributes& key) {
  if (key.usage.may_export || key.type.is_public_key()) return {};
  return fail(Status::PsaErrorNotPermitted, "the key was made without the export usage flag");
}

Result<> check_digest_size(const psa::AsymmetricSignature& algorithm, ByteView digest) {
  if (!algorithm.takes_hash() || !algorithm.hash) return {};
  std::size_t expected = psa::digest_size(*algorithm.hash);
  if (digest.size() == expected) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("a digest of {} bytes is not a {}, which has {}", digest.size(),
                          psa::to_string(*algorithm.hash), expected));
}

}  // namespace strongroom::policy
