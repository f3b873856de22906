#include "providers/pkcs11/mechanisms/capabilities.h"

#include <variant>

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/pkcs11/mechanisms/trials.h"
#include "providers/pkcs11/objects/curves.h"
#include "providers/software/device_uses.h"

namespace strongroom::pkcs11 {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::string_view kDevice = "the token";

std::unexpected<Error> not_offered(const psa::KeyType& type, std::uint32_t bits,
                                   const psa::Algorithm& algorithm) {
  return software::not_offered_by(kDevice, type, bits, algorithm);
}

psa::KeyType public_type(const psa::KeyType& type) {
  return {type.is_rsa() ? Kind::RsaPublicKey : Kind::EccPublicKey, type.curve_family};
}

bool goes_with(CK_MECHANISM_TYPE mechanism, const psa::KeyType& type) {
  if (mechanism == CKM_EDDSA) return is_edwards(type);
  if (mechanism != CKM_ECDSA) return type.is_rsa();
  return type.is_ecc() && !is_edwards(type) && !is_montgomery(type);
}

// Tokens count the bits of curves of strings in several ways: 255, or 256.
std::uint32_t size_of_mechanism(const psa::KeyType& type, std::uint32_t bits) {
  return is_edwards(type) || is_montgomery(type) ? 0 : bits;
}

// DES mechanisms have no sizes to tell.
bool has_block(const TokenMechanisms& has, CK_MECHANISM_TYPE mechanism, CK_FLAGS flags,
               const psa::KeyType& type, std::uint32_t bits) {
  return type.kind == Kind::Aes ? has.has_aes(mechanism, flags, bits) : has.has(mechanism, flags);
}

}  // namespace

Result<std::shared_ptr<const TokenMechanisms>> Capabilities::mechanisms() {
  {
    std::lock_guard lock(mutex_);
    if (mechanisms_) return mechanisms_;
  }
  auto found = TRY(token_.run([](Session& session) { return TokenMechanisms::of(session); }));
  auto shared = std::make_shared<const TokenMechanisms>(std::move(found));
  std::lock_guard lock(mutex_);
  mechanisms_ = shared;
  return shared;
}

Result<bool> Capabilities::has_key(const psa::KeyType& type, std::uint32_t bits) {
  auto has = TRY(mechanisms());
  switch (type.kind) {
    case Kind::RsaKeyPair: return has->has(CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, bits);
    case Kind::EccKeyPair: return has_curve(*has, type, bits);
    case Kind::DhKeyPair: return has->has(CKM_DH_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, bits);
    case Kind::Aes: return has->has_aes(CKM_AES_KEY_GEN, CKF_GENERATE, bits);
    case Kind::Des: return has->has(des_generation(bits), CKF_GENERATE);
    case Kind::RawData:
    case Kind::Hmac: return has->has(CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE);
    default: return false;
  }
}

Result<bool> Capabilities::has_curve(const TokenMechanisms& has, const psa::KeyType& type,
                                     std::uint32_t bits) {
  if (bits != 0) {
    auto curve = token_curve_of(type, bits, has.quirks());
    if (!curve || !has.has(curve->generation, CKF_GENERATE_KEY_PAIR, size_of_mechanism(type, bits)))
      return false;
    return makes_keys_on(type, bits);
  }
  for (std::uint32_t size : curve_sizes(type)) {
    bool is_there = TRY(has_curve(has, type, size));
    if (is_there) return true;
  }
  return false;
}

Result<bool> Capabilities::makes_keys_on(const psa::KeyType& type, std::uint32_t bits) {
  return tried(makes_keys_, type, bits, [&](Session& session) {
    return makes_pair(session, *token_curve_of(type, bits, session.connection.quirks));
  });
}

// 0 bits ask whether any curve will do.
Result<bool> Capabilities::agrees_on(const psa::KeyType& type, std::uint32_t bits) {
  if (bits != 0)
    return tried(agrees_, type, bits,
                 [&](Session& session) { return agrees(session, software_, type, bits); });
  for (std::uint32_t size : curve_sizes(type)) {
    if (!check_agreement(type, size, psa::RawKeyAgreement::Ecdh)) continue;
    return true;
  }
  return false;
}

template <typename Trial>
Result<bool> Capabilities::tried(Trials& trials, const psa::KeyType& type, std::uint32_t bits,
                                 Trial trial) {
  const std::pair key(*type.curve_family, bits);
  {
    std::lock_guard lock(mutex_);
    auto known = trials.find(key);
    if (known != trials.end()) return known->second;
  }
  bool is_there = TRY(token_.run(trial));
  std::lock_guard lock(mutex_);
  trials[key] = is_there;
  return is_there;
}

Result<> Capabilities::check_key(const psa::KeyType& type, std::uint32_t bits) {
  TRY(software_.supports(Capability::Import, {type, bits, {}, psa::NoAlgorithm()}));
  bool is_there = TRY(has_key(type, bits));
  if (is_there) return {};
  return fail(Status::PsaErrorNotSupported,
              fmt::format("the token does not offer key type '{}'", to_string(type, bits)));
}

Result<> Capabilities::check_signature(const psa::KeyType& type, std::uint32_t bits,
                                       const psa::AsymmetricSignature& signature) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  auto mechanism = mechanism_of(signature);
  bool is_pss = mechanism == CKM_RSA_PKCS_PSS;
  bool fits = mechanism && goes_with(*mechanism, type) && type.is_key_pair() &&
              has->has(*mechanism, CKF_SIGN, size_of_mechanism(type, bits)) &&
              (!is_pss || !signature.hash || padding_hash(*signature.hash));
  if (!fits) return not_offered(type, bits, signature);
  psa::UsageFlags verification{.verify_message = signature.signs_messages(),
                               .verify_hash = signature.signs_hashes()};
  return software_.supports(Capability::Use, {public_type(type), bits, verification, signature});
}

Result<> Capabilities::check_encryption(const psa::KeyType& type, std::uint32_t bits,
                                        const psa::AsymmetricEncryption& encryption) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  bool fits = type.is_rsa() && has->has(mechanism_of(encryption), CKF_DECRYPT, bits) &&
              (!encryption.hash || has->has_oaep(*encryption.hash));
  if (!fits) return not_offered(type, bits, encryption);
  psa::UsageFlags use{.encrypt = true};
  return software_.supports(Capability::Use, {public_type(type), bits, use, encryption});
}

Result<> Capabilities::check_agreement(const psa::KeyType& type, std::uint32_t bits,
                                       psa::RawKeyAgreement agreement) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  bool fits = false;
  if (agreement == psa::RawKeyAgreement::Ffdh)
    fits = type.is_dh() && has->has(CKM_DH_PKCS_DERIVE, CKF_DERIVE, bits);
  else if (type.is_ecc() && !is_edwards(type) &&
           has->has(CKM_ECDH1_DERIVE, CKF_DERIVE, size_of_mechanism(type, bits)))
    fits = TRY(agrees_on(type, bits));
  if (fits) return {};
  return not_offered(type, bits, psa::KeyAgreement{agreement, std::nullopt});
}

Result<> Capabilities::check_cipher(const psa::KeyType& type, std::uint32_t bits,
                                    psa::Cipher cipher) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  auto mechanism = mechanism_of(cipher, type, bits);
  bool fits = mechanism && has_block(*has, *mechanism, CKF_ENCRYPT | CKF_DECRYPT, type, bits);
  if (fits) return {};
  return not_offered(type, bits, cipher);
}

Result<> Capabilities::check_aead(const psa::KeyType& type, std::uint32_t bits,
                                  const psa::Aead& aead) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  auto mechanism = mechanism_of(aead);
  bool fits = type.kind == Kind::Aes && mechanism &&
              has->has_aes(*mechanism, CKF_ENCRYPT | CKF_DECRYPT, bits);
  if (fits) return {};
  return not_offered(type, bits, aead);
}

Result<> Capabilities::check_mac(const psa::KeyType& type, std::uint32_t bits,
                                 const psa::Mac& mac) {
  TRY(check_key(type, bits));
  auto has = TRY(mechanisms());
  auto mechanism = mechanism_of(mac, type, bits);
  const bool is_by_cipher = mac.kind == psa::Mac::Kind::CbcMac;
  bool fits = mechanism.has_value();
  if (fits && type.kind == Kind::Hmac)
    fits = has->has(*mechanism, CKF_SIGN, has->quirks().has(Quirk::MacSizesInBytes) ? bits / 8 : 0);
  else if (fits)
    fits = has_block(*has, *mechanism, is_by_cipher ? CKF_ENCRYPT : CKF_SIGN, type, bits);
  if (fits) return {};
  return not_offered(type, bits, mac);
}

Result<> Capabilities::check_generation(const psa::KeyAttributes& attributes) {
  if (attributes.bits == 0)
    return fail(Status::PsaErrorNotSupported, "keys of no size are not generated");
  psa::KeyAttributes of_most_use = attributes;
  of_most_use.usage = software::kEveryUse;
  return check_capability(Capability::Generate, of_most_use);
}

Result<> Capabilities::check_capability(Capability capability,
                                        const psa::KeyAttributes& attributes) {
  TRY(check_key(attributes.type, attributes.bits));
  if (capability == Capability::Derive)
    return fail(Status::PsaErrorNotSupported, "no keys are derived");
  if (capability != Capability::Use) {
    auto has = TRY(mechanisms());
    if (!has->is_writable()) return fail(Status::PsaErrorNotSupported, "the token is read-only");
    if (attributes.usage.may_export && !allow_export_)
      return fail(Status::PsaErrorNotSupported,
                  "keys with the usage 'export' are made only where 'allow_export = true' is set");
  }
  bool is_for_no_algorithm = std::holds_alternative<psa::NoAlgorithm>(attributes.algorithm);
  if (is_for_no_algorithm && capability != Capability::Use) return {};
  return std::visit(software::DeviceUses{*this, attributes, kDevice}, attributes.algorithm);
}

}  // namespace strongroom::pkcs11
