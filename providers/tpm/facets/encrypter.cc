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

// TPM2_RSA_Decrypt says of a wrong padding that the value is, and so of a number that is not below
// the modulus; neither tells the other.
Outcome<SecretBuffer> with_padding_told(Outcome<SecretBuffer> message) {
  if (message || message.error().code() != TPM2_RC_VALUE) return message;
  return std::unexpected(
      tpm_refusal("TPM2_RSA_Decrypt", TPM2_RC_VALUE, Status::PsaErrorInvalidPadding));
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
        return with_padding_told(rsa_decrypt(tpm.secured(), loaded, data, scheme, name));
      });
}

}  // namespace strongroom::tpm
