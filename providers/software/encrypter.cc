#include "providers/software/encrypter.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "base/declassified.h"
#include "providers/software/capabilities.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

std::size_t modulus_size(const KeyRecord& key) {
  return (key.attributes.bits + 7) / 8;
}

// RFC 8017 §7.1.1 and §7.2.1.
std::size_t longest_plaintext(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm) {
  std::size_t padding = algorithm.hash ? 2 * psa::digest_size(*algorithm.hash) + 2 : 11;
  return modulus_size(key) - padding;
}

// From 3.2 on, and where a distribution has taken it over, OpenSSL answers bad v1.5 padding with
// random plaintext unless told otherwise. OpenSSL 3.0 has no such parameter.
Result<> switch_off_implicit_rejection(EVP_PKEY_CTX* context) {
  constexpr const char* kName = "implicit-rejection";
  const OSSL_PARAM* settable = EVP_PKEY_CTX_settable_params(context);
  if (settable == nullptr || OSSL_PARAM_locate_const(settable, kName) == nullptr) return {};
  unsigned int off = 0;
  std::array parameters = {OSSL_PARAM_construct_uint(kName, &off), OSSL_PARAM_construct_end()};
  if (EVP_PKEY_CTX_set_params(context, parameters.data()) == 1) return {};
  return std::unexpected(openssl_error("EVP_PKEY_CTX_set_params"));
}

}  // namespace

Result<Bytes> EvpEncrypter::encrypt(const KeyRecord& key,
                                    const psa::AsymmetricEncryption& algorithm, ByteView plaintext,
                                    ByteView label) {
  TRY(check(key, algorithm, label));
  if (plaintext.size() > longest_plaintext(key, algorithm))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a plaintext of {} bytes is too long for '{}'", plaintext.size(),
                            to_string(algorithm)));
  return cache_.with_room([&] { return encrypt_checked(key, algorithm, plaintext, label); });
}

Result<SecretBuffer> EvpEncrypter::decrypt(const KeyRecord& key,
                                           const psa::AsymmetricEncryption& algorithm,
                                           ByteView ciphertext, ByteView label) {
  TRY(check(key, algorithm, label));
  if (!key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot decrypt");
  if (ciphertext.size() != modulus_size(key))
    return fail(
        Status::PsaErrorInvalidArgument,
        fmt::format("a ciphertext of {} bytes is not as long as the modulus", ciphertext.size()));
  return cache_.with_room([&] { return decrypt_checked(key, algorithm, ciphertext, label); });
}

Result<> EvpEncrypter::check(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                             ByteView label) const {
  TRY(check_encryption(algorithms_, shape_of(key), algorithm));
  if (!algorithm.hash && !label.empty())
    return fail(Status::PsaErrorInvalidArgument, "PKCS#1 v1.5 padding takes no label");
  return {};
}

Result<Owned<EVP_PKEY_CTX>> EvpEncrypter::begin(const KeyRecord& key,
                                                const psa::AsymmetricEncryption& algorithm,
                                                ByteView label, Init init) {
  auto evp_key = TRY(cache_.key_of(key));
  auto context = TRY(context_for(evp_key.get()));
  int padding = algorithm.hash ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING;
  if (init(context.get()) != 1 || EVP_PKEY_CTX_set_rsa_padding(context.get(), padding) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_padding"));
  if (algorithm.hash)
    TRY(set_oaep(context.get(), *algorithm.hash, label));
  else
    TRY(switch_off_implicit_rejection(context.get()));
  return context;
}

Result<> EvpEncrypter::set_oaep(EVP_PKEY_CTX* context, psa::Hash hash, ByteView label) const {
  const EVP_MD* digest = algorithms_.digest(hash);
  if (EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_CTX_set_rsa_oaep_md"));
  if (label.empty()) return {};
  void* owned = OPENSSL_memdup(label.data(), label.size());
  if (owned == nullptr) return std::unexpected(openssl_error("OPENSSL_memdup"));
  if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, owned, static_cast<int>(label.size())) == 1)
    return {};
  OPENSSL_free(owned);
  return std::unexpected(openssl_error("EVP_PKEY_CTX_set0_rsa_oaep_label"));
}

Result<Bytes> EvpEncrypter::encrypt_checked(const KeyRecord& key,
                                            const psa::AsymmetricEncryption& algorithm,
                                            ByteView plaintext, ByteView label) {
  auto context = TRY(begin(key, algorithm, label, &EVP_PKEY_encrypt_init));
  Bytes ciphertext(modulus_size(key));
  std::size_t size = ciphertext.size();
  if (EVP_PKEY_encrypt(context.get(), octets(MutableByteView(ciphertext)), &size, octets(plaintext),
                       plaintext.size()) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_encrypt"));
  ciphertext.resize(size);
  return ciphertext;
}

Result<SecretBuffer> EvpEncrypter::decrypt_checked(const KeyRecord& key,
                                                   const psa::AsymmetricEncryption& algorithm,
                                                   ByteView ciphertext, ByteView label) {
  auto context = TRY(begin(key, algorithm, label, &EVP_PKEY_decrypt_init));
  auto plaintext = TRY(SecretBuffer::of_size(modulus_size(key)));
  std::size_t size = plaintext.size();
  // OpenSSL computes both without a branch; whether there is a plaintext and how long it is, the
  // caller learns.
  int outcome = EVP_PKEY_decrypt(context.get(), octets(plaintext.reveal_mutable()), &size,
                                 octets(ciphertext), ciphertext.size());
  if (declassified(outcome) != 1) return std::unexpected(openssl_error("EVP_PKEY_decrypt"));
  plaintext.shrink_to(declassified(size));
  return plaintext;
}

}  // namespace strongroom::software
