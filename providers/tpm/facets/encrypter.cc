#include "providers/tpm/facets/encrypter.h"

namespace strongroom::tpm {
namespace {

Result<> check_label(const KeyRecord& key, ByteView label) {
  bool fits = label.empty() || (label.back() == std::byte{0} && label.size() <= sizeof(TPMU_HA));
  if (fits || !key.attributes.type.is_key_pair()) return {};
  return fail(Status::PsaErrorInvalidArgument, "a TPM takes labels that end in NUL, of 64 bytes");
}

TPMT_RSA_DECRYPT scheme_of(const Capabilities& has, const psa::AsymmetricEncryption& algorithm) {
  TPMT_RSA_DECRYPT scheme{};
  scheme.scheme = algorithm.hash ? TPM2_ALG_OAEP : TPM2_ALG_RSAES;
  if (algorithm.hash) scheme.details.oaep.hashAlg = has.hash(*algorithm.hash);
  return scheme;
}

// Whether the code means the padding. TPM2_RSA_Decrypt says VALUE of that, and of a number that is
// not below the modulus. libtpms says FAILURE, as if it had failed for good; but a TPM that has
// draws no random bytes any more (TPM 2.0 r1.59 Part 1 §10.4).
bool tells_of_padding(Tpm& tpm, TSS2_RC code) {
  return code == TPM2_RC_VALUE ||
         (code == TPM2_RC_FAILURE && draw_random(tpm.secured(), 1).has_value());
}

Outcome<SecretBuffer> with_padding_told(Tpm& tpm, Outcome<SecretBuffer> message) {
  if (message || !tells_of_padding(tpm, message.error().code())) return message;
  return std::unexpected(
      tpm_refusal("TPM2_RSA_Decrypt", message.error().code(), Status::PsaErrorInvalidPadding));
}

}  // namespace

Result<Bytes> TpmEncrypter::encrypt(const KeyRecord& key,
                                    const psa::AsymmetricEncryption& algorithm, ByteView plaintext,
                                    ByteView label) {
  if (key.attributes.type.is_key_pair()) {
    auto has = TRY(access_.capabilities());
    TRY(has->check_encryption(key.attributes.type, key.attributes.bits, algorithm));
  }
  TRY(check_label(key, label));
  return access_.software().encrypter()->encrypt(public_half(key), algorithm, plaintext, label);
}

Result<SecretBuffer> TpmEncrypter::decrypt(const KeyRecord& key,
                                           const psa::AsymmetricEncryption& algorithm,
                                           ByteView ciphertext, ByteView label) {
  auto has = TRY(access_.capabilities());
  TRY(has->check_encryption(key.attributes.type, key.attributes.bits, algorithm));
  if (!key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot decrypt");
  TRY(check_label(key, label));
  if (ciphertext.size() != key.attributes.bits / 8)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes for a modulus of {} bits", ciphertext.size(),
                            key.attributes.bits));
  return access_.use_key<SecretBuffer>(
      key, [data = copy_of(ciphertext), name = copy_of(label), scheme = scheme_of(*has, algorithm)](
               Tpm& tpm, const Authorized& loaded) {
        return with_padding_told(tpm, rsa_decrypt(tpm.secured(), loaded, data, scheme, name));
      });
}

}  // namespace strongroom::tpm
