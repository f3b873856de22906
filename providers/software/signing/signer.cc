#include "providers/software/signing/signer.h"

#include <algorithm>
#include <array>

#include <openssl/rsa.h>

#include "providers/software/capabilities.h"
#include "providers/software/hasher.h"
#include "providers/software/keys/ecdsa_signature.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"
#include "providers/software/signing/deterministic_ecdsa.h"
#include "providers/software/signing/eddsa.h"

namespace strongroom::software {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

// That of RSA-4096; OpenSSL refuses a buffer that is too short.
constexpr std::size_t kLongestSignature = 512;

// PSA Crypto API 1.1, PSA_ALG_RSA_PSS: the hash's length, or the most that fits.
int salt_size(std::uint32_t modulus_bits, std::size_t hash_size) {
  std::size_t modulus_size = (modulus_bits + 7) / 8;
  return static_cast<int>(std::min(hash_size, modulus_size - hash_size - 2));
}

std::unexpected<Error> mismatch() {
  return fail(Status::PsaErrorInvalidSignature, "the signature does not match");
}

std::unexpected<Error> no_pair() {
  return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
}

// Of a key whose type was found to go with EdDSA.
const EdwardsCurve& edwards_curve_in(const KeyRecord& key) {
  return *edwards_curve_of(key.attributes.type, key.attributes.bits);
}

}  // namespace

Result<Bytes> EvpSigner::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash) {
  TRY(check(key, algorithm, hash));
  if (!key.attributes.type.is_key_pair()) return no_pair();
  return cache_.with_room([&] { return sign_checked(key, algorithm, hash); });
}

Result<> EvpSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                ByteView hash, ByteView signature) {
  TRY(check(key, algorithm, hash));
  return cache_.with_room([&] { return verify_checked(key, algorithm, hash, signature); });
}

Result<Bytes> EvpSigner::sign_message(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message) {
  if (algorithm.kind == Kind::PureEddsa) return sign_purely(key, algorithm, message);
  auto hash = TRY(hash_of(algorithm, message));
  return sign_hash(key, algorithm, hash);
}

Result<> EvpSigner::verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView message, ByteView signature) {
  if (algorithm.kind == Kind::PureEddsa) return verify_purely(key, algorithm, message, signature);
  auto hash = TRY(hash_of(algorithm, message));
  return verify_hash(key, algorithm, hash, signature);
}

Result<> EvpSigner::check(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) const {
  TRY(check_signature(algorithms_, shape_of(key), algorithm));
  return check_hash(key, algorithm, hash);
}

Result<Bytes> EvpSigner::sign_purely(const KeyRecord& key,
                                     const psa::AsymmetricSignature& algorithm, ByteView message) {
  TRY(check_signature(algorithms_, shape_of(key), algorithm));
  if (!key.attributes.type.is_key_pair()) return no_pair();
  return cache_.with_room([&]() -> Result<Bytes> {
    auto pair = TRY(cache_.key_of(key));
    return eddsa_signature(pair.get(), edwards_curve_in(key).signature_size, message);
  });
}

Result<> EvpSigner::verify_purely(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                  ByteView message, ByteView signature) {
  TRY(check_signature(algorithms_, shape_of(key), algorithm));
  if (signature.size() != edwards_curve_in(key).signature_size) return mismatch();
  return cache_.with_room([&]() -> Result<> {
    auto evp_key = TRY(cache_.key_of(key));
    return verify_eddsa(evp_key.get(), message, signature);
  });
}

Result<Bytes> EvpSigner::hash_of(const psa::AsymmetricSignature& algorithm,
                                 ByteView message) const {
  if (algorithm.hash) return digest_of(algorithms_, *algorithm.hash, message);
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("'{}' names no hash", to_string(algorithm)));
}

// Making a context fetches an algorithm by its name, under locks that all threads share, which
// costs as much as a tenth of a P-256 signature; a duplicate counts references.
Result<EvpSigner::Operation> EvpSigner::begin(const KeyRecord& key, const SignatureUse& use) {
  PreparedContext prepared = cache_.prepared_for(key, use);
  if (!prepared) {
    auto made = TRY(prepare(key, use));
    cache_.keep_prepared(key, use, made);
    prepared = std::move(made);
  }
  auto context = TRY(duplicate_of(*prepared));
  return Operation{.prepared = std::move(prepared), .context = std::move(context)};
}

Result<PreparedContext> EvpSigner::prepare(const KeyRecord& key, const SignatureUse& use) {
  auto evp_key = TRY(cache_.key_of(key));
  auto context = TRY(context_for(evp_key.get()));
  auto init = use.is_signing ? &EVP_PKEY_sign_init : &EVP_PKEY_verify_init;
  if (init(context.get()) != 1) return std::unexpected(openssl_error("beginning a signature"));
  if (key.attributes.type.is_rsa())
    TRY(set_padding(context.get(), use.algorithm, key.attributes.bits));
  return shared_context(std::move(context), std::move(evp_key));
}

Result<> EvpSigner::set_padding(EVP_PKEY_CTX* context, const psa::AsymmetricSignature& algorithm,
                                std::uint32_t modulus_bits) const {
  bool is_pss = algorithm.kind == Kind::RsaPss;
  int padding = is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  if (EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_padding"));
  if (!algorithm.hash) return {};
  if (EVP_PKEY_CTX_set_signature_md(context, algorithms_.digest(*algorithm.hash)) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_signature_md"));
  int salt = salt_size(modulus_bits, psa::digest_size(*algorithm.hash));
  if (is_pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_pss_saltlen"));
  return {};
}

Result<Bytes> EvpSigner::sign_deterministically(const KeyRecord& key, psa::Hash algorithm,
                                                ByteView hash) {
  const Curve* curve = curve_of(key.attributes.type, key.attributes.bits);
  if (curve == nullptr || key.material.size() != curve->scalar_size)
    return fail(Status::PsaErrorDataCorrupt, "a scalar of another length than the curve's");
  return deterministic_ecdsa({.group = algorithms_.group(*curve),
                              .hmac = algorithms_.hmac(),
                              .digest = algorithms_.digest(algorithm)},
                             key.material, hash);
}

Result<Bytes> EvpSigner::sign_checked(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  if (algorithm.kind == Kind::DeterministicEcdsa)
    return sign_deterministically(key, *algorithm.hash, hash);
  auto operation = TRY(begin(key, {.algorithm = algorithm, .is_signing = true}));
  std::array<std::byte, kLongestSignature> native;
  std::size_t size = native.size();
  if (EVP_PKEY_sign(operation.context.get(), octets(MutableByteView(native)), &size, octets(hash),
                    hash.size()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_sign"));
  ByteView signature = ByteView(native).first(size);
  const Curve* curve = curve_of(key.attributes.type, key.attributes.bits);
  if (curve == nullptr) return copy_of(signature);
  return ecdsa_from_der(signature, curve->scalar_size);
}

Result<> EvpSigner::verify_checked(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  const Curve* curve = curve_of(key.attributes.type, key.attributes.bits);
  // Of PSS and of raw PKCS#1 v1.5 OpenSSL takes the number without its leading zeros, too.
  std::size_t size = curve ? 2 * curve->scalar_size : (key.attributes.bits + 7) / 8;
  if (signature.size() != size) return mismatch();
  auto operation = TRY(begin(key, {.algorithm = algorithm, .is_signing = false}));
  Bytes der;
  if (curve != nullptr) {
    der = ecdsa_to_der(signature);
    signature = der;
  }
  if (EVP_PKEY_verify(operation.context.get(), octets(signature), signature.size(), octets(hash),
                      hash.size()) == 1)
    return {};
  return std::unexpected(openssl_refusal("EVP_PKEY_verify", Status::PsaErrorInvalidSignature));
}

}  // namespace strongroom::software
