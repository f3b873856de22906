// Asymmetric, authenticated and unauthenticated encryption, and MACs.
#include "aead_seal.pb.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"

namespace strongroom {
namespace {

Result<> check_not_empty(const std::string& field, std::string_view name) {
  if (!field.empty()) return {};
  return fail(Status::PsaErrorInvalidArgument, fmt::format("'{}' is empty", name));
}

Result<> check_label(const psa::AsymmetricEncryption& algorithm, const std::string& label) {
  if (algorithm.kind == psa::AsymmetricEncryption::Kind::RsaOaep || label.empty()) return {};
  return fail(Status::PsaErrorInvalidArgument, "PKCS#1 v1.5 encryption takes no salt");
}

Result<> check_decryption(const psa::AsymmetricEncryption& algorithm, const Services& services) {
  bool is_pkcs1 = algorithm.kind == psa::AsymmetricEncryption::Kind::RsaPkcs1v15;
  if (!is_pkcs1 || services.rsa_pkcs1v15_decryption) return {};
  return fail(Status::PsaErrorNotPermitted,
              "decryption with PKCS#1 v1.5 padding is switched off by [service] "
              "rsa_pkcs1v15_decryption");
}

template <typename Message>
Result<Bytes> ciphertext_body(Result<Bytes> ciphertext, const KeyRecord& key) {
  Bytes bytes =
      TRY(in_context(std::move(ciphertext), "encrypting with key '{}'", escaped(key.id.name)));
  Message result;
  result.set_ciphertext(field_of(bytes));
  return serialized(result);
}

template <typename Message>
Result<Bytes> plaintext_body(Result<SecretBuffer> plaintext, const KeyRecord& key) {
  SecretBuffer secret =
      TRY(in_context(std::move(plaintext), "decrypting with key '{}'", escaped(key.id.name)));
  Message result;
  result.set_plaintext(field_of(secret.reveal()));
  return serialized(result);
}

template <typename Message>
AeadInput aead_input(const Message& request) {
  return {.nonce = bytes_in(request.nonce()),
          .additional_data = bytes_in(request.additional_data())};
}

// The nonce is drawn when the text is encrypted: what is never run costs none.
Result<Bytes> sealed_body(const Use<AeadCipher, psa::Aead>& use, DrawnNonces& nonces,
                          const ::aead_seal::Operation& request) {
  DrawnNonces::Nonce nonce = TRY(nonces.draw(use.key->serial));
  Bytes ciphertext = TRY(in_context(
      use.facet->encrypt(*use.key, use.algorithm,
                         {.nonce = nonce, .additional_data = bytes_in(request.additional_data())},
                         bytes_in(request.plaintext())),
      "encrypting with key '{}'", escaped(use.key->id.name)));
  ::aead_seal::Result result;
  result.set_nonce(field_of(nonce));
  result.set_ciphertext(field_of(ciphertext));
  return serialized(result);
}

}  // namespace

Result<Work> asymmetric_encrypt(Planning& planning) {
  auto request = TRY(parsed<psa_asymmetric_encrypt::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::AsymmetricEncryption algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().encrypter(), "encrypts nothing"),
                            request.key_name(), &psa::UsageFlags::encrypt, algorithm));
  TRY(check_not_empty(request.plaintext(), "plaintext"));
  TRY(check_label(algorithm, request.salt()));
  Cost cost = cost_of_public_operation(use.key->attributes) + cost_of_bytes(request.salt().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return ciphertext_body<psa_asymmetric_encrypt::Result>(
        use.facet->encrypt(*use.key, use.algorithm, bytes_in(request.plaintext()),
                           bytes_in(request.salt())),
        *use.key);
  });
}

Result<Work> asymmetric_decrypt(Planning& planning) {
  auto request = TRY(parsed<psa_asymmetric_decrypt::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::AsymmetricEncryption algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().encrypter(), "decrypts nothing"),
                            request.key_name(), &psa::UsageFlags::decrypt, algorithm));
  TRY(check_decryption(algorithm, planning.services()));
  TRY(check_not_empty(request.ciphertext(), "ciphertext"));
  TRY(check_label(algorithm, request.salt()));
  Cost cost = cost_of_private_operation(use.key->attributes) + cost_of_bytes(request.salt().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return plaintext_body<psa_asymmetric_decrypt::Result>(
        use.facet->decrypt(*use.key, use.algorithm, bytes_in(request.ciphertext()),
                           bytes_in(request.salt())),
        *use.key);
  });
}

Result<Work> aead_encrypt(Planning& planning) {
  auto request = TRY(parsed<psa_aead_encrypt::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Aead algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().aead(), "has no AEAD"),
                            request.key_name(), &psa::UsageFlags::encrypt, algorithm));
  TRY(in_context(policy::check_nonce_of_caller(use.key->attributes), "using key '{}'",
                 escaped(use.key->id.name)));
  TRY(check_not_empty(request.nonce(), "nonce"));
  Cost cost = cost_of_cipher(use.key->attributes.type,
                             request.plaintext().size() + request.additional_data().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return ciphertext_body<psa_aead_encrypt::Result>(
        use.facet->encrypt(*use.key, use.algorithm, aead_input(request),
                           bytes_in(request.plaintext())),
        *use.key);
  });
}

Result<Work> aead_seal(Planning& planning) {
  auto request = TRY(parsed<::aead_seal::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Aead algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().aead(), "has no AEAD"),
                            request.key_name(), &psa::UsageFlags::encrypt, algorithm));
  Cost cost = cost_of_cipher(use.key->attributes.type,
                             request.plaintext().size() + request.additional_data().size());
  DrawnNonces& nonces = *planning.services().nonces;
  return answered_by(cost, [use = std::move(use), &nonces, request = std::move(request)] {
    return sealed_body(use, nonces, request);
  });
}

Result<Work> aead_decrypt(Planning& planning) {
  auto request = TRY(parsed<psa_aead_decrypt::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Aead algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().aead(), "has no AEAD"),
                            request.key_name(), &psa::UsageFlags::decrypt, algorithm));
  TRY(check_not_empty(request.nonce(), "nonce"));
  TRY(check_not_empty(request.ciphertext(), "ciphertext"));
  Cost cost = cost_of_cipher(use.key->attributes.type,
                             request.ciphertext().size() + request.additional_data().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return plaintext_body<psa_aead_decrypt::Result>(
        use.facet->decrypt(*use.key, use.algorithm, aead_input(request),
                           bytes_in(request.ciphertext())),
        *use.key);
  });
}

Result<Work> cipher_encrypt(Planning& planning) {
  auto request = TRY(parsed<psa_cipher_encrypt::Operation>(planning));
  psa::Cipher algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().cipher(), "has no ciphers"),
                            request.key_name(), &psa::UsageFlags::encrypt, algorithm));
  TRY(check_not_empty(request.plaintext(), "plaintext"));
  Cost cost = cost_of_cipher(use.key->attributes.type, request.plaintext().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return ciphertext_body<psa_cipher_encrypt::Result>(
        use.facet->encrypt(*use.key, use.algorithm, bytes_in(request.plaintext())), *use.key);
  });
}

Result<Work> cipher_decrypt(Planning& planning) {
  auto request = TRY(parsed<psa_cipher_decrypt::Operation>(planning));
  psa::Cipher algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().cipher(), "has no ciphers"),
                            request.key_name(), &psa::UsageFlags::decrypt, algorithm));
  TRY(check_not_empty(request.ciphertext(), "ciphertext"));
  Cost cost = cost_of_cipher(use.key->attributes.type, request.ciphertext().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return plaintext_body<psa_cipher_decrypt::Result>(
        use.facet->decrypt(*use.key, use.algorithm, bytes_in(request.ciphertext())), *use.key);
  });
}

Result<Work> mac_compute(Planning& planning) {
  auto request = TRY(parsed<psa_mac_compute::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Mac algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().mac(), "has no MACs"),
                            request.key_name(), &psa::UsageFlags::sign_message, algorithm));
  Cost cost = cost_of_mac(algorithm, use.key->attributes.type, request.input().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)]() -> Result<Bytes> {
    Bytes mac = TRY(use.facet->compute(*use.key, use.algorithm, bytes_in(request.input())));
    psa_mac_compute::Result result;
    result.set_mac(field_of(mac));
    return serialized(result);
  });
}

Result<Work> mac_verify(Planning& planning) {
  auto request = TRY(parsed<psa_mac_verify::Operation>(planning));
  TRY(require(request.has_alg(), "alg"));
  psa::Mac algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().mac(), "has no MACs"),
                            request.key_name(), &psa::UsageFlags::verify_message, algorithm));
  Cost cost = cost_of_mac(algorithm, use.key->attributes.type, request.input().size());
  return answered_by(cost, [use = std::move(use), request = std::move(request)] {
    return empty_body(use.facet->verify(*use.key, use.algorithm, bytes_in(request.input()),
                                        bytes_in(request.mac())));
  });
}

}  // namespace strongroom
