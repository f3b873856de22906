// Key attributes that tests of more than one room use.
#pragma once

#include "base/psa.h"

namespace strongroom::testing {

inline constexpr psa::AsymmetricSignature kEcdsaSha256{
    .kind = psa::AsymmetricSignature::Kind::Ecdsa, .hash = psa::Hash::Sha256};
inline constexpr psa::AsymmetricEncryption kOaepSha256{
    .kind = psa::AsymmetricEncryption::Kind::RsaOaep, .hash = psa::Hash::Sha256};
inline constexpr psa::Aead kAesGcm{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = {}};
inline constexpr psa::KeyAgreement kRawEcdh{.raw = psa::RawKeyAgreement::Ecdh, .derivation = {}};
inline constexpr psa::Mac kHmacSha256{
    .kind = psa::Mac::Kind::Hmac, .hash = psa::Hash::Sha256, .truncated_size = {}};

inline constexpr psa::UsageFlags kAllUsages{.may_export = true,
                                            .copy = true,
                                            .cache = true,
                                            .encrypt = true,
                                            .decrypt = true,
                                            .sign_message = true,
                                            .verify_message = true,
                                            .sign_hash = true,
                                            .verify_hash = true,
                                            .derive = true,
                                            .wrap = true,
                                            .unwrap = true};

inline psa::KeyAttributes ecc_pair(psa::Algorithm algorithm = kEcdsaSha256,
                                   psa::UsageFlags usage = kAllUsages) {
  return {.type = {.kind = psa::KeyType::Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1},
          .bits = 256,
          .usage = usage,
          .algorithm = algorithm};
}

inline constexpr psa::AsymmetricSignature kEddsa{.kind = psa::AsymmetricSignature::Kind::PureEddsa,
                                                 .hash = {}};

inline psa::KeyAttributes ed25519_pair(psa::UsageFlags usage = kAllUsages) {
  return {.type = {.kind = psa::KeyType::Kind::EccKeyPair,
                   .curve_family = psa::EccFamily::TwistedEdwards},
          .bits = 255,
          .usage = usage,
          .algorithm = kEddsa};
}

inline psa::KeyAttributes key_of(psa::KeyType::Kind kind, std::uint32_t bits,
                                 psa::Algorithm algorithm) {
  return {.type = {.kind = kind, .curve_family = {}},
          .bits = bits,
          .usage = kAllUsages,
          .algorithm = algorithm};
}

}  // namespace strongroom::testing
