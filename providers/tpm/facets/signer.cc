#include "providers/tpm/facets/signer.h"

#include <algorithm>
#include <tuple>

#include "providers/tpm/facets/pss_verification.h"
#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

// What TPM2_Sign takes.
struct SigningInput {
  TPMT_SIG_SCHEME scheme{};
  Bytes digest;
};

std::unexpected<Error> no_hash(const psa::AsymmetricSignature& algorithm, std::size_t size) {
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no hash for '{}'", size, to_string(algorithm)));
}

std::size_t scalar_size(const KeyRecord& key) {
  return (key.attributes.bits + 7) / 8;
}

// The leftmost bits as many as the order has, as the TPM will take them from a digest of `size`:
// orders of whole bytes are cut or padded to theirs, and what follows does not count; no digest is
// as long as P-521's.
Result<Bytes> ecdsa_digest(ByteView hash, std::size_t order_size, std::size_t size) {
  std::size_t number_size = std::min(order_size, size);
  if (hash.size() > number_size && order_size > size)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("the TPM signs no digest of {} bytes", hash.size()));
  hash = hash.first(std::min(hash.size(), number_size));
  Bytes digest(size);
  std::ranges::copy(hash, std::span(digest).subspan(number_size - hash.size()).begin());
  return digest;
}

Result<SigningInput> ecdsa_input(const Capabilities& has, const KeyRecord& key, ByteView hash) {
  for (psa::Hash carrier : {psa::Hash::Sha256, psa::Hash::Sha384, psa::Hash::Sha512}) {
    std::size_t size = psa::digest_size(carrier);
    bool is_longest = carrier == psa::Hash::Sha512;
    if ((size < scalar_size(key) && !is_longest) || has.hash(carrier) == TPM2_ALG_NULL) continue;
    SigningInput input;
    input.scheme.scheme = TPM2_ALG_ECDSA;
    input.scheme.details.ecdsa.hashAlg = has.hash(carrier);
    input.digest = TRY(ecdsa_digest(hash, scalar_size(key), size));
    return input;
  }
  return fail(Status::PsaErrorNotSupported, "the TPM has no hash as long as the key");
}

Result<SigningInput> rsa_input(const Capabilities& has, const psa::AsymmetricSignature& algorithm,
                               ByteView hash) {
  SigningInput input;
  input.scheme.scheme = algorithm.kind == Kind::RsaPss ? TPM2_ALG_RSAPSS : TPM2_ALG_RSASSA;
  input.scheme.details.any.hashAlg = has.hash(*algorithm.hash);
  input.digest = copy_of(hash);
  return input;
}

// Numbers of a TPM may come without leading zeros.
template <typename Sized>
Outcome<> append(Bytes& out, const Sized& number, std::size_t size) {
  ByteView bytes = std::as_bytes(std::span(number.buffer).first(number.size));
  if (bytes.size() > size)
    return std::unexpected(malformed_answer("TPM2_Sign", "a number longer than the key"));
  out.insert(out.end(), size - bytes.size(), std::byte{0});
  out.insert(out.end(), bytes.begin(), bytes.end());
  return {};
}

Result<Bytes> signature_of(const TPMT_SIGNATURE& signature, const KeyRecord& key) {
  Bytes out;
  if (signature.sigAlg == TPM2_ALG_ECDSA) {
    TRY(append(out, signature.signature.ecdsa.signatureR, scalar_size(key)));
    TRY(append(out, signature.signature.ecdsa.signatureS, scalar_size(key)));
    return out;
  }
  // RSASSA and RSAPSS are the same structure: TPM 2.0 r1.59 Part 2 §11.3.1.
  TRY(append(out, signature.signature.rsassa.sig, key.attributes.bits / 8));
  return out;
}

}  // namespace

Result<Bytes> TpmSigner::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash) {
  const auto& [type, bits] = std::tie(key.attributes.type, key.attributes.bits);
  auto has = TRY(access_.capabilities());
  TRY(has->check_signature(type, bits, algorithm));
  if (!type.is_key_pair()) return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
  bool is_good = algorithm.takes_hash()
                     ? algorithm.hash && hash.size() == psa::digest_size(*algorithm.hash)
                     : !hash.empty();
  if (!is_good) return no_hash(algorithm, hash.size());
  auto input = TRY(type.is_ecc() ? ecdsa_input(*has, key, hash) : rsa_input(*has, algorithm, hash));
  auto signature = TRY(access_.use_key<TPMT_SIGNATURE>(
      key, [input = std::move(input)](Tpm& tpm, const Authorized& loaded) {
        return sign(tpm.secured(), loaded, input.digest, input.scheme);
      }));
  if (signature.sigAlg != (type.is_ecc()                    ? TPM2_ALG_ECDSA
                           : algorithm.kind == Kind::RsaPss ? TPM2_ALG_RSAPSS
                                                            : TPM2_ALG_RSASSA))
    return fail(Status::PsaErrorHardwareFailure, "the TPM signed with another scheme");
  return signature_of(signature, key);
}

Result<> TpmSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                ByteView hash, ByteView signature) {
  TRY(check_verification(key, algorithm));
  auto verified =
      access_.software().signer()->verify_hash(public_half(key), algorithm, hash, signature);
  bool may_be_longest = key.attributes.type.is_key_pair() && algorithm.kind == Kind::RsaPss &&
                        signature.size() == key.attributes.bits / 8;
  if (verified || !may_be_longest || verified.error().status() != Status::PsaErrorInvalidSignature)
    return verified;
  return verify_pss_of_longest_salt(key.public_key, *algorithm.hash, hash, signature);
}

// A pair verifies what it could have signed, so that supports() has one answer for both.
Result<> TpmSigner::check_verification(const KeyRecord& key,
                                       const psa::AsymmetricSignature& algorithm) {
  if (key.attributes.type.is_public_key()) return {};
  auto has = TRY(access_.capabilities());
  return has->check_signature(key.attributes.type, key.attributes.bits, algorithm);
}

Result<Bytes> TpmSigner::sign_message(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message) {
  auto hash = TRY(hash_of(algorithm, message));
  return sign_hash(key, algorithm, hash);
}

Result<Bytes> TpmSigner::hash_of(const psa::AsymmetricSignature& algorithm, ByteView message) {
  if (algorithm.hash) return access_.software().hasher()->compute(*algorithm.hash, message);
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("'{}' names no hash", to_string(algorithm)));
}

Result<> TpmSigner::verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView message, ByteView signature) {
  if (key.attributes.type.is_public_key())
    return access_.software().signer()->verify_message(key, algorithm, message, signature);
  auto hash = TRY(hash_of(algorithm, message));
  return verify_hash(key, algorithm, hash, signature);
}

}  // namespace strongroom::tpm
