#include "providers/tpm/session/salt.h"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "providers/software/curves.h"
#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/rsa_key.h"
#include "providers/software/openssl_error.h"
#include "providers/tpm/device/frame.h"
#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

using software::openssl_error;
using software::Owned;

Outcome<Owned<EVP_PKEY>> validated(Result<Owned<EVP_PKEY>> key) {
  if (!key) return fail(Status::PsaErrorCorruptionDetected, key.error().message());
  return *std::move(key);
}

ByteView x_of(ByteView uncompressed_point) {
  return uncompressed_point.subspan(1, (uncompressed_point.size() - 1) / 2);
}

ByteView y_of(ByteView uncompressed_point) {
  return uncompressed_point.last((uncompressed_point.size() - 1) / 2);
}

Result<SecretBuffer> shared_x(EVP_PKEY* own, EVP_PKEY* peer) {
  auto context = TRY(software::context_for(own));
  std::size_t size = 0;
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive_set_peer"));
  auto secret = TRY(SecretBuffer::of_size(size));
  if (EVP_PKEY_derive(context.get(), octets(secret.reveal_mutable()), &size) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive"));
  secret.shrink_to(size);
  return secret;
}

Result<Bytes> public_point(EVP_PKEY* key) {
  Bytes point(1 + 2 * kDigestSize);
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets(MutableByteView(point)),
                                      point.size(), &size) != 1 ||
      size != point.size())
    return std::unexpected(openssl_error("EVP_PKEY_get_octet_string_param"));
  return point;
}

// Part 1 §C.6.1: the seed comes from an ephemeral key and the TPM's, and the ephemeral point is
// what is sent.
Outcome<Salt> ecdh_salt(const Primitives& primitives, const TPMT_PUBLIC& key,
                        std::string_view purpose) {
  if (key.parameters.eccDetail.curveID != TPM2_ECC_NIST_P256)
    return fail(Status::PsaErrorNotSupported, "a secret for a key on another curve than P-256");
  const psa::KeyType type{psa::KeyType::Kind::EccPublicKey, psa::EccFamily::SecpR1};
  auto point = TRY(public_key_of(key));
  auto peer = TRY(validated(software::ec_public_key(*software::curve_of(type, 256), point)));
  auto ephemeral = TRY(software::generated_in_group("EC", "P-256"));
  auto sent = TRY(public_point(ephemeral.get()));
  auto z = TRY(shared_x(ephemeral.get(), peer.get()));
  Salt salt{};
  salt.value = TRY(primitives.kdf_e(z.reveal(), purpose, x_of(sent), x_of(point), kDigestSize));
  Writer encrypted;
  encrypted.put(static_cast<UINT16>(kDigestSize)).put(x_of(sent));
  encrypted.put(static_cast<UINT16>(kDigestSize)).put(y_of(sent));
  salt.encrypted.size = static_cast<UINT16>(encrypted.view().size());
  std::ranges::copy(encrypted.view(),
                    std::as_writable_bytes(std::span(salt.encrypted.secret)).begin());
  return salt;
}

// Part 1 §B.4: the label counts with its NUL.
Result<> set_oaep(EVP_PKEY_CTX* context, std::string_view purpose) {
  const std::string terminated(purpose);
  const auto size = static_cast<int>(terminated.size() + 1);
  if (EVP_PKEY_encrypt_init(context) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md_name(context, "SHA256", nullptr) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_oaep_md_name"));
  void* label = OPENSSL_memdup(terminated.c_str(), static_cast<std::size_t>(size));
  if (label == nullptr) return std::unexpected(openssl_error("OPENSSL_memdup"));
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, size) == 1) return {};
  OPENSSL_free(label);
  return std::unexpected(openssl_error("EVP_PKEY_CTX_set0_rsa_oaep_label"));
}

Outcome<Salt> rsa_salt(const TPMT_PUBLIC& key, std::string_view purpose) {
  auto der = TRY(public_key_of(key));
  auto peer = TRY(validated(software::rsa_public_key(der)));
  auto context = TRY(software::context_for(peer.get()));
  TRY(set_oaep(context.get(), purpose));
  Salt salt{};
  salt.value = TRY(SecretBuffer::random(kDigestSize));
  std::size_t size = sizeof(salt.encrypted.secret);
  if (EVP_PKEY_encrypt(context.get(), salt.encrypted.secret, &size, octets(salt.value.reveal()),
                       salt.value.size()) != 1)
    return Outcome<Salt>(std::unexpected(openssl_error("EVP_PKEY_encrypt")));
  salt.encrypted.size = static_cast<UINT16>(size);
  return salt;
}

}  // namespace

Outcome<Salt> make_salt(const Primitives& primitives, const TPMT_PUBLIC& key,
                        std::string_view purpose) {
  if (key.nameAlg != TPM2_ALG_SHA256)
    return fail(Status::PsaErrorNotSupported, "a secret for a key whose name is not SHA-256");
  return key.type == TPM2_ALG_ECC ? ecdh_salt(primitives, key, purpose) : rsa_salt(key, purpose);
}

}  // namespace strongroom::tpm
