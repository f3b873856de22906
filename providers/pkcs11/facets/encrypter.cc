#include "providers/pkcs11/facets/encrypter.h"

#include "providers/pkcs11/mechanisms/decryption_failure.h"
#include "providers/pkcs11/mechanisms/mechanisms.h"

namespace strongroom::pkcs11 {
namespace {

Outcome<SecretBuffer> decrypted(Session& session, const KeyObject& object,
                                const psa::AsymmetricEncryption& algorithm, ByteView ciphertext,
                                ByteView label) {
  if (!algorithm.hash)
    return decrypt(session, object, {CKM_RSA_PKCS, nullptr, 0}, ciphertext, ciphertext.size());
  auto padding = padding_hash(*algorithm.hash);
  CK_RSA_PKCS_OAEP_PARAMS parameters{padding->hash, padding->mgf, CKZ_DATA_SPECIFIED,
                                     label.empty() ? nullptr : const_cast<std::byte*>(label.data()),
                                     static_cast<CK_ULONG>(label.size())};
  return decrypt(session, object, mechanism_with(CKM_RSA_PKCS_OAEP, parameters), ciphertext,
                 ciphertext.size());
}

}  // namespace

Result<Bytes> TokenEncrypter::encrypt(const KeyRecord& key,
                                      const psa::AsymmetricEncryption& algorithm,
                                      ByteView plaintext, ByteView label) {
  return access_.software().encrypter()->encrypt(public_half(key), algorithm, plaintext, label);
}

Result<SecretBuffer> TokenEncrypter::decrypt(const KeyRecord& key,
                                             const psa::AsymmetricEncryption& algorithm,
                                             ByteView ciphertext, ByteView label) {
  if (!key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot decrypt");
  TRY(check(key, algorithm, label));
  if (ciphertext.size() != key.attributes.bits / 8)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes for a modulus of {} bits", ciphertext.size(),
                            key.attributes.bits));
  return TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
    return with_failure_told(session, decrypted(session, object, algorithm, ciphertext, label),
                             Status::PsaErrorInvalidPadding);
  }));
}

Result<> TokenEncrypter::check(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView label) {
  TRY(access_.capabilities().check_encryption(key.attributes.type, key.attributes.bits, algorithm));
  if (label.empty()) return {};
  if (!algorithm.hash)
    return fail(Status::PsaErrorInvalidArgument, "PKCS#1 v1.5 padding takes no label");
  auto has = TRY(access_.capabilities().mechanisms());
  if (has->has_oaep_labels()) return {};
  return fail(Status::PsaErrorNotSupported, "the token takes no labels for OAEP");
}

}  // namespace strongroom::pkcs11
