#include "providers/software/signer.h"

#include <algorithm>

#include <openssl/rsa.h>

#include "providers/software/capabilities.h"
#include "providers/software/hasher.h"
#include "providers/software/keys/ecdsa_signature.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

// PSA Crypto API 1.1, PSA_ALG_RSA_PSS: the hash's length, or the most that fits.
int salt_size(std::uint32_t modulus_bits, std::size_t hash_size) {
  std::size_t modulus_size = (modulus_bits + 7) / 8;
  return static_cast<int>(std::min(hash_size, modulus_size - hash_size - 2));
}

std::unexpected<Error> mismatch() {
  return fail(Status::PsaErrorInvalidSignature, "the signature does not match");
}

}  // namespace

Result<Bytes> EvpSigner::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash) {
  TRY(check(key, algorithm, hash));
  if (!key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
  return cache_.with_room([&] { return sign_checked(key, algorithm, hash); });
}

Result<> EvpSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                ByteView hash, ByteView signature) {
  TRY(check(key, algorithm, hash));
  return cache_.with_room([&] { return verify_checked(key, algorithm, hash, signature); });
}

Result<Bytes> EvpSigner::sign_message(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message) {
  auto hash = TRY(hash_of(algorithm, message));
  return sign_hash(key, algorithm, hash);
}

Result<> EvpSigner::verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView message, ByteView signature) {
  auto hash = TRY(hash_of(algorithm, message));
  return verify_hash(key, algorithm, hash, signature);
}

Result<> EvpSigner::check(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) const {
  TRY(check_signature(algorithms_, key.attributes.type, algorithm));
  if (!algorithm.hash || hash.size() != psa::digest_size(*algorithm.hash))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no hash for '{}'", hash.size(), to_string(algorithm)));
  return {};
}

Result<Bytes> EvpSigner::hash_of(const psa::AsymmetricSignature& algorithm,
                                 ByteView message) const {
  if (algorithm.hash) return digest_of(algorithms_, *algorithm.hash, message);
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("'{}' names no hash", to_string(algorithm)));
}

Result<Owned<EVP_PKEY_CTX>> EvpSigner::begin(const KeyRecord& key,
                                             const psa::AsymmetricSignature& algorithm, Init init) {
  auto evp_key = TRY(cache_.key_of(key));
  auto context = TRY(context_for(evp_key.get()));
  if (init(context.get()) != 1) return std::unexpected(openssl_error("beginning a signature"));
  if (key.attributes.type.is_rsa() && algorithm.hash)
    TRY(set_padding(context.get(), algorithm.kind, *algorithm.hash, key.attributes.bits));
  return context;
}

Result<> EvpSigner::set_padding(EVP_PKEY_CTX* context, Kind kind, psa::Hash hash,
                                std::uint32_t modulus_bits) const {
  bool is_pss = kind == Kind::RsaPss;
  int padding = is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  if (EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context, algorithms_.digest(hash)) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_padding"));
  int salt = salt_size(modulus_bits, psa::digest_size(hash));
  if (is_pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_pss_saltlen"));
  return {};
}

Result<Bytes> EvpSigner::sign_checked(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  auto context = TRY(begin(key, algorithm, &EVP_PKEY_sign_init));
  std::size_t size = 0;
  if (EVP_PKEY_sign(context.get(), nullptr, &size, octets(hash), hash.size()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_sign"));
  Bytes signature(size);
  if (EVP_PKEY_sign(context.get(), octets(MutableByteView(signature)), &size, octets(hash),
                    hash.size()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_sign"));
  signature.resize(size);
  const Curve* curve = curve_of(key.attributes.type, key.attributes.bits);
  if (curve == nullptr) return signature;
  return ecdsa_from_der(signature, curve->scalar_size);
}

Result<> EvpSigner::verify_checked(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  auto context = TRY(begin(key, algorithm, &EVP_PKEY_verify_init));
  Bytes der;
  if (const Curve* curve = curve_of(key.attributes.type, key.attributes.bits)) {
    if (signature.size() != 2 * curve->scalar_size) return mismatch();
    auto converted = TRY(ecdsa_to_der(signature));
    der = std::move(converted);
    signature = der;
  }
  if (EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(hash),
                      hash.size()) == 1)
    return {};
  return std::unexpected(openssl_refusal("EVP_PKEY_verify", Status::PsaErrorInvalidSignature));
}

}  // namespace strongroom::software
