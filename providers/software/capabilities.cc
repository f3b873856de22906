#include "providers/software/capabilities.h"

#include <variant>

#include "providers/software/derivation/derived_key.h"
#include "providers/software/key_types.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

std::unexpected<Error> not_offered(const KeyShape& key, const psa::Algorithm& algorithm) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("algorithm '{}' with a key '{}' is not offered", to_string(algorithm),
                          to_string(key.type, key.bits)));
}

bool is_edwards(const psa::KeyType& type) {
  return type.curve_family == psa::EccFamily::TwistedEdwards;
}

bool is_weierstrass(const psa::KeyType& type) {
  return type.is_ecc() && type.curve_family != psa::EccFamily::Montgomery && !is_edwards(type);
}

// Whether keys of the type make signatures of the kind.
bool goes_with(psa::AsymmetricSignature::Kind signature, const psa::KeyType& type) {
  switch (signature) {
    case psa::AsymmetricSignature::Kind::RsaPkcs1v15:
    case psa::AsymmetricSignature::Kind::RsaPkcs1v15Raw:
    case psa::AsymmetricSignature::Kind::RsaPss: return type.is_rsa();
    case psa::AsymmetricSignature::Kind::Ecdsa:
    case psa::AsymmetricSignature::Kind::EcdsaAny:
    case psa::AsymmetricSignature::Kind::DeterministicEcdsa: return is_weierstrass(type);
    case psa::AsymmetricSignature::Kind::PureEddsa: return is_edwards(type);
  }
  return false;
}

// A modulus that leaves room for so many bytes of plaintext: RFC 8017 §7.1.1.
bool has_room_for_oaep(std::uint32_t bits, psa::Hash hash, std::size_t plaintext) {
  return bits == 0 || bits / 8 >= 2 * psa::digest_size(hash) + 2 + plaintext;
}

// PSA Crypto API 1.1, PSA_ALG_TLS12_PRF(): with the hashes of TLS 1.2's cipher suites. We have
// SHA-512 besides, which RFC 5246 §5 leaves to future ones.
bool has_derivation(const Algorithms& algorithms, const psa::KeyDerivation& derivation) {
  bool is_for_tls = derivation.hash == psa::Hash::Sha256 || derivation.hash == psa::Hash::Sha384 ||
                    derivation.hash == psa::Hash::Sha512;
  return algorithms.hmac() != nullptr && algorithms.digest(derivation.hash) != nullptr &&
         (is_for_tls || derivation.kind == psa::KeyDerivation::Kind::Hkdf);
}

// Does some flag that is set, together with the algorithm, name an operation that is served?
struct UseCheck {
  const Algorithms& algorithms;
  const KeyShape key;
  const psa::UsageFlags& usage;

  Result<> operator()(const psa::AsymmetricSignature& signature) const {
    TRY(check_signature(algorithms, key, signature));
    const bool hashes = signature.signs_hashes();
    const bool messages = signature.signs_messages();
    const bool signs = (hashes && usage.sign_hash) || (messages && usage.sign_message);
    const bool verifies = (hashes && usage.verify_hash) || (messages && usage.verify_message);
    return useful((key.type.is_key_pair() && signs) || verifies);
  }
  Result<> operator()(const psa::AsymmetricEncryption& encryption) const {
    TRY(check_encryption(algorithms, key, encryption));
    return useful(usage.encrypt || (key.type.is_key_pair() && usage.decrypt));
  }
  Result<> operator()(const psa::Aead& aead) const {
    TRY(check_aead(algorithms, key, aead));
    if (!is_tag_size(aead.kind, aead.tag_size())) return not_offered(key, aead);
    return useful(usage.encrypt || usage.decrypt);
  }
  Result<> operator()(const psa::Cipher& cipher) const {
    TRY(check_cipher(algorithms, key, cipher));
    return useful(usage.encrypt || usage.decrypt);
  }
  Result<> operator()(const psa::Mac& mac) const {
    TRY(check_mac(algorithms, key, mac));
    if (!is_mac_size(mac, key.type.kind)) return not_offered(key, mac);
    return useful(usage.sign_message || usage.verify_message);
  }
  Result<> operator()(const psa::KeyAgreement& agreement) const {
    TRY(check_agreement(algorithms, key, agreement));
    return useful(key.type.is_key_pair() && usage.derive);
  }
  Result<> operator()(const psa::KeyWrap& wrap) const {
    TRY(check_key_wrap(algorithms, key, wrap));
    return useful(usage.wrap || (!key.type.is_public_key() && usage.unwrap));
  }
  Result<> operator()(const psa::KeyDerivation& derivation) const {
    TRY(check_derivation(algorithms, key, derivation));
    return useful(usage.derive);
  }
  template <typename Other>
  Result<> operator()(const Other& other) const {
    return not_offered(key, other);
  }

 private:
  static Result<> useful(bool is_useful) {
    if (is_useful) return {};
    return fail(Status::PsaErrorNotSupported, "the usage flags allow nothing with this algorithm");
  }
};

}  // namespace

Result<> check_signature(const Algorithms& algorithms, const KeyShape& key,
                         const psa::AsymmetricSignature& signature) {
  bool fits = goes_with(signature.kind, key.type);
  if (signature.kind == psa::AsymmetricSignature::Kind::DeterministicEcdsa &&
      algorithms.hmac() == nullptr)
    fits = false;
  if (!fits || (signature.hash && algorithms.digest(*signature.hash) == nullptr))
    return not_offered(key, signature);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_encryption(const Algorithms& algorithms, const KeyShape& key,
                          const psa::AsymmetricEncryption& encryption) {
  bool fits = key.type.is_rsa();
  if (encryption.hash)
    fits = fits && algorithms.digest(*encryption.hash) != nullptr &&
           has_room_for_oaep(key.bits, *encryption.hash, 1);
  if (!fits) return not_offered(key, encryption);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_aead(const Algorithms& algorithms, const KeyShape& key, const psa::Aead& aead) {
  if (algorithms.has_cipher(key.type.kind, key.bits, mode_of(aead.kind))) return {};
  return not_offered(key, aead);
}

Result<> check_cipher(const Algorithms& algorithms, const KeyShape& key, psa::Cipher cipher) {
  if (algorithms.has_cipher(key.type.kind, key.bits, mode_of(cipher))) return {};
  return not_offered(key, cipher);
}

Result<> check_mac(const Algorithms& algorithms, const KeyShape& key, const psa::Mac& mac) {
  using MacKind = psa::Mac::Kind;
  bool is_hmac = mac.kind == MacKind::Hmac;
  bool fits = is_hmac ? key.type.kind == Kind::Hmac && algorithms.hmac() != nullptr && mac.hash &&
                            algorithms.digest(*mac.hash) != nullptr
                      : algorithms.has_cipher(key.type.kind, key.bits, Mode::Cbc);
  if (mac.kind == MacKind::Cmac && algorithms.cmac() == nullptr) fits = false;
  if (!fits) return not_offered(key, mac);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_agreement(const Algorithms& algorithms, const KeyShape& key,
                         const psa::KeyAgreement& agreement) {
  bool fits = agreement.raw == psa::RawKeyAgreement::Ecdh
                  ? key.type.is_ecc() && !is_edwards(key.type)
                  : key.type.is_dh();
  if (agreement.derivation) fits = fits && has_derivation(algorithms, *agreement.derivation);
  if (!fits) return not_offered(key, agreement);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_key_wrap(const Algorithms& algorithms, const KeyShape& key,
                        const psa::KeyWrap& wrap) {
  if (!wrap.hash)
    return algorithms.has_cipher(key.type.kind, key.bits, Mode::KeyWrap) ? Result<>()
                                                                         : not_offered(key, wrap);
  bool fits = key.type.is_rsa() && algorithms.digest(*wrap.hash) != nullptr &&
              has_room_for_oaep(key.bits, *wrap.hash, kKeyBehindRsa) &&
              algorithms.has_cipher(Kind::Aes, 8 * kKeyBehindRsa, Mode::KeyWrap);
  if (!fits) return not_offered(key, wrap);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_derivation(const Algorithms& algorithms, const KeyShape& key,
                          const psa::KeyDerivation& derivation) {
  if (key.type.kind != Kind::Derive || !has_derivation(algorithms, derivation))
    return not_offered(key, derivation);
  return check_key_type(algorithms, key.type, key.bits);
}

Result<> check_derivable(const Algorithms& algorithms, const psa::KeyType& type,
                         std::uint32_t bits) {
  if (is_derivable(type)) return check_key_type(algorithms, type, bits);
  return fail(Status::PsaErrorNotSupported,
              fmt::format("keys '{}' are not derived", to_string(type, bits)));
}

Mode mode_of(psa::Cipher cipher) noexcept {
  switch (cipher) {
    case psa::Cipher::StreamCipher: return Mode::Stream;
    case psa::Cipher::Ctr: return Mode::Ctr;
    case psa::Cipher::Cfb: return Mode::Cfb;
    case psa::Cipher::Ofb: return Mode::Ofb;
    case psa::Cipher::Xts: return Mode::Xts;
    case psa::Cipher::EcbNoPadding: return Mode::Ecb;
    case psa::Cipher::CbcNoPadding:
    case psa::Cipher::CbcPkcs7: break;
  }
  return Mode::Cbc;
}

Mode mode_of(psa::Aead::Kind aead) noexcept {
  switch (aead) {
    case psa::Aead::Kind::Ccm: return Mode::Ccm;
    case psa::Aead::Kind::Gcm: return Mode::Gcm;
    case psa::Aead::Kind::Chacha20Poly1305: break;
  }
  return Mode::Poly1305;
}

bool is_tag_size(psa::Aead::Kind aead, std::uint32_t bytes) noexcept {
  switch (aead) {
    case psa::Aead::Kind::Ccm: return bytes >= 4 && bytes <= 16 && bytes % 2 == 0;
    case psa::Aead::Kind::Gcm: return bytes == 4 || bytes == 8 || (bytes >= 12 && bytes <= 16);
    case psa::Aead::Kind::Chacha20Poly1305: break;
  }
  return bytes == 16;
}

std::size_t full_mac_size(const psa::Mac& mac, Kind key) noexcept {
  if (mac.kind == psa::Mac::Kind::Hmac) return mac.hash ? psa::digest_size(*mac.hash) : 0;
  return key == Kind::Des ? 8 : 16;
}

bool is_mac_size(const psa::Mac& mac, Kind key) noexcept {
  constexpr std::uint32_t kShortest = 4;
  if (!mac.truncated_size) return true;
  return *mac.truncated_size >= kShortest && *mac.truncated_size <= full_mac_size(mac, key);
}

Result<> check_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                    ByteView hash) {
  // RFC 8017 §9.2: what the padding takes at least.
  constexpr std::size_t kPkcs1Padding = 11;
  bool is_good = algorithm.signs_hashes() && !hash.empty();
  if (algorithm.takes_hash())
    is_good = algorithm.hash && hash.size() == psa::digest_size(*algorithm.hash);
  else if (algorithm.kind == psa::AsymmetricSignature::Kind::RsaPkcs1v15Raw)
    is_good = is_good && hash.size() + kPkcs1Padding <= key.attributes.bits / 8;
  if (is_good) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no hash for '{}'", hash.size(), to_string(algorithm)));
}

Result<> check_capability(const Algorithms& algorithms, Capability capability,
                          const psa::KeyAttributes& attributes) {
  TRY(check_key_type(algorithms, attributes.type, attributes.bits));
  if (capability == Capability::Derive)
    TRY(check_derivable(algorithms, attributes.type, attributes.bits));
  if (capability == Capability::Generate && attributes.type.is_public_key())
    return fail(Status::PsaErrorNotSupported, "public keys are not generated");
  bool is_for_no_algorithm = std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm);
  if (is_for_no_algorithm && capability != Capability::Use) return {};
  UseCheck check{algorithms, {attributes.type, attributes.bits}, attributes.usage};
  return std::visit(check, attributes.algorithm);
}

}  // namespace strongroom::software
