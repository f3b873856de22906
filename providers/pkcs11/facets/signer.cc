#include "providers/pkcs11/facets/signer.h"

#include <algorithm>

#include <openssl/obj_mac.h>

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/pkcs11/objects/curves.h"
#include "providers/software/capabilities.h"

namespace strongroom::pkcs11 {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

constexpr psa::AsymmetricSignature kEddsa{Kind::PureEddsa, std::nullopt};

Outcome<Bytes> of_modulus_size(Bytes signature, const KeyRecord& key) {
  if (signature.size() == key.attributes.bits / 8) return signature;
  return std::unexpected(malformed_answer("C_Sign", "a signature shorter than the modulus"));
}

Outcome<Bytes> rsa_signature(Session& session, const KeyObject& object, const KeyRecord& key,
                             const psa::AsymmetricSignature& algorithm, ByteView hash) {
  const std::size_t size = key.attributes.bits / 8;
  if (algorithm.kind == Kind::RsaPss) {
    auto padding = padding_hash(*algorithm.hash);
    // PSA Crypto API 1.1, PSA_ALG_RSA_PSS: the hash's length, or the most that fits.
    CK_RSA_PKCS_PSS_PARAMS parameters{padding->hash, padding->mgf,
                                      std::min(hash.size(), size - hash.size() - 2)};
    auto signature =
        TRY(sign(session, object, mechanism_with(CKM_RSA_PKCS_PSS, parameters), hash, size));
    return of_modulus_size(std::move(signature), key);
  }
  Bytes info = copy_of(hash);
  if (algorithm.hash) info = TRY(digest_info(*algorithm.hash, hash));
  auto signature = TRY(sign(session, object, {CKM_RSA_PKCS, nullptr, 0}, info, size));
  return of_modulus_size(std::move(signature), key);
}

// r‖s of a token are as long as the order (PKCS#11 v2.40 §2.3.1); ours may be longer.
Outcome<Bytes> widened(ByteView signature, std::size_t scalar_size) {
  const std::size_t half = signature.size() / 2;
  if (half == 0 || signature.size() % 2 != 0 || half > scalar_size)
    return std::unexpected(malformed_answer("C_Sign", "no two numbers below the order"));
  Bytes wide(2 * scalar_size);
  auto out = MutableByteView(wide);
  std::ranges::copy(signature.first(half), out.first(scalar_size).last(half).begin());
  std::ranges::copy(signature.last(half), out.last(half).begin());
  return wide;
}

// SEC 1 §4.1.3: the leftmost bits, as many as the order has; those within the last byte are the
// token's to cut.
Outcome<Bytes> ecdsa_signature(Session& session, const KeyObject& object, const KeyRecord& key,
                               ByteView hash) {
  const std::size_t size = token_curve_of(key.attributes.type, key.attributes.bits)->scalar_size;
  auto signature = TRY(sign(session, object, {CKM_ECDSA, nullptr, 0},
                            hash.first(std::min(hash.size(), size)), 2 * size));
  return widened(signature, size);
}

}  // namespace

Result<Bytes> TokenSigner::sign_hash(const KeyRecord& key,
                                     const psa::AsymmetricSignature& algorithm, ByteView hash) {
  const psa::KeyType& type = key.attributes.type;
  if (type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
  TRY(access_.capabilities().check_signature(type, key.attributes.bits, algorithm));
  TRY(software::check_hash(key, algorithm, hash));
  return TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    return signed_by(session, object, key, algorithm, hash);
  }));
}

Result<Bytes> TokenSigner::sign_message_itself(const KeyRecord& key, ByteView message) {
  if (key.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
  TRY(access_.capabilities().check_signature(key.attributes.type, key.attributes.bits, kEddsa));
  return TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    return eddsa_signature(session, object, key, message);
  }));
}

Outcome<Bytes> TokenSigner::signed_by(Session& session, const KeyObject& object,
                                      const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  if (key.attributes.type.is_rsa()) return rsa_signature(session, object, key, algorithm, hash);
  auto signature = TRY(ecdsa_signature(session, object, key, hash));
  if (!object.is_proven)
    TRY(prove(key, access_.software().signer()->verify_hash(public_half(key), algorithm, hash,
                                                            signature)));
  return signature;
}

// PKCS#11 v3.0 §2.3.14: without parameters for Ed25519, never for Ed448.
Outcome<Bytes> TokenSigner::eddsa_signature(Session& session, const KeyObject& object,
                                            const KeyRecord& key, ByteView message) {
  auto curve = token_curve_of(key.attributes.type, key.attributes.bits);
  EddsaParameters parameters{CK_FALSE, 0, nullptr};
  CK_MECHANISM mechanism{CKM_EDDSA, nullptr, 0};
  if (curve->nid == NID_ED448) mechanism = mechanism_with(CKM_EDDSA, parameters);
  auto signature = TRY(sign(session, object, mechanism, message, curve->signature_size));
  if (signature.size() != curve->signature_size)
    return std::unexpected(malformed_answer("C_Sign", "a signature of another length"));
  if (!object.is_proven)
    TRY(prove(key, access_.software().signer()->verify_message(public_half(key), kEddsa, message,
                                                               signature)));
  return signature;
}

Outcome<> TokenSigner::prove(const KeyRecord& key, const Result<>& verified) {
  if (verified) {
    access_.objects().prove(key);
    return {};
  }
  access_.objects().forget(key);
  return fail(Status::PsaErrorCorruptionDetected,
              "the token's private key does not go with the recorded public key");
}

Result<> TokenSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                  ByteView hash, ByteView signature) {
  return access_.software().signer()->verify_hash(public_half(key), algorithm, hash, signature);
}

Result<Bytes> TokenSigner::sign_message(const KeyRecord& key,
                                        const psa::AsymmetricSignature& algorithm,
                                        ByteView message) {
  if (algorithm == kEddsa) return sign_message_itself(key, message);
  if (!algorithm.hash)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' names no hash", to_string(algorithm)));
  auto hash = TRY(access_.software().hasher()->compute(*algorithm.hash, message));
  return sign_hash(key, algorithm, hash);
}

Result<> TokenSigner::verify_message(const KeyRecord& key,
                                     const psa::AsymmetricSignature& algorithm, ByteView message,
                                     ByteView signature) {
  return access_.software().signer()->verify_message(public_half(key), algorithm, message,
                                                     signature);
}

}  // namespace strongroom::pkcs11
