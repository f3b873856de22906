#include "client/c_api/prepare.h"

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "client/c_api/arguments.h"
#include "client/c_api/psa_mapping.h"

namespace strongroom::c_api::prepare {
namespace {

ClientResult<ByteView> bytes_in(std::string_view name, Input input) {
  return c_api::bytes_in(name, input.data, input.size);
}

ClientResult<std::vector<Bytes>> each_in(std::string_view name, Inputs inputs) {
  if (inputs.count != 0 && (inputs.data == nullptr || inputs.sizes == nullptr))
    return null_argument(name);
  std::vector<Bytes> all;
  for (std::size_t i = 0; i < inputs.count; ++i) {
    auto bytes = TRY(bytes_in(name, {inputs.data[i], inputs.sizes[i]}));
    all.push_back(copy_of(bytes));
  }
  return all;
}

// Messages may be secrets: their copies are not left behind.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::vector<Bytes>& copies) noexcept : copies_(copies) {}
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;
  ~WipedAtEnd() {
    for (Bytes& copy : copies_)
      if (!copy.empty()) ::explicit_bzero(copy.data(), copy.size());
  }

 private:
  std::vector<Bytes>& copies_;
};

ClientResult<psa::AsymmetricSignature> signature_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::AsymmetricSignature>(value, "a signature");
}

ClientResult<psa::AsymmetricEncryption> encryption_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::AsymmetricEncryption>(value, "an asymmetric encryption");
}

ClientResult<psa::Aead> aead_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Aead>(value, "an AEAD");
}

ClientResult<psa::Cipher> cipher_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Cipher>(value, "a cipher");
}

ClientResult<psa::Mac> mac_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Mac>(value, "a MAC");
}

ClientResult<psa::KeyWrap> key_wrap_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::KeyWrap>(value, "a key wrapping");
}

// A derivation alone, or behind an agreement.
ClientResult<psa::Algorithm> derivation_algorithm(strongroom_algorithm value) {
  psa::Algorithm algorithm = TRY(algorithm_from(value));
  const auto* agreement = std::get_if<psa::KeyAgreement>(&algorithm);
  if (std::holds_alternative<psa::KeyDerivation>(algorithm) ||
      (agreement != nullptr && agreement->derivation))
    return algorithm;
  return wrong_kind(value, "a key derivation");
}

ClientResult<psa::Hash> hash_algorithm(strongroom_algorithm value) {
  return algorithm_as<psa::Hash>(value, "a hash");
}

}  // namespace

Prepared<StoreCheckAnswer> check_store(bool accept) {
  return requests::check_store(accept ? StoreAcceptance::Accept : StoreAcceptance::Report);
}

Prepared<> delete_client(const char* name) {
  auto application = TRY(text_in("name", name));
  return requests::delete_client(application);
}

Prepared<> can_do_crypto(strongroom_crypto_check check,
                         const strongroom_key_attributes* attributes) {
  if (check < STRONGROOM_CRYPTO_CHECK_USE || check > STRONGROOM_CRYPTO_CHECK_DERIVE)
    return bad_argument("reading the arguments: there is no such check");
  auto wanted = TRY(attributes_in(attributes));
  return requests::can_do_crypto(static_cast<CryptoCheck>(check), wanted);
}

Prepared<> generate_key(const char* name, const strongroom_key_attributes* attributes) {
  auto key = TRY(text_in("name", name));
  auto wanted = TRY(attributes_in(attributes));
  return requests::generate_key(key, wanted);
}

Prepared<> import_key(const char* name, const strongroom_key_attributes* attributes, Input data) {
  auto key = TRY(text_in("name", name));
  auto wanted = TRY(attributes_in(attributes));
  auto material = TRY(bytes_in("data", data));
  return requests::import_key(key, wanted, material);
}

Prepared<SecretBytes> export_key(const char* name) {
  auto key = TRY(text_in("name", name));
  return requests::export_key(key);
}

Prepared<Bytes> export_public_key(const char* name) {
  auto key = TRY(text_in("name", name));
  return requests::export_public_key(key);
}

Prepared<> destroy_key(const char* name) {
  auto key = TRY(text_in("name", name));
  return requests::destroy_key(key);
}

Prepared<KeyDetails> key_info(const char* name) {
  auto key = TRY(text_in("name", name));
  return requests::key_info(key);
}

Prepared<Bytes> sign_hash(const char* key, strongroom_algorithm algorithm, Input hash) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto digest = TRY(bytes_in("hash", hash));
  return requests::sign_hash(name, method, digest);
}

Prepared<Bytes> sign_message(const char* key, strongroom_algorithm algorithm, Input message) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto text = TRY(bytes_in("message", message));
  return requests::sign_message(name, method, text);
}

Prepared<> verify_hash(const char* key, strongroom_algorithm algorithm, Input hash,
                       Input signature) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto digest = TRY(bytes_in("hash", hash));
  auto claim = TRY(bytes_in("signature", signature));
  return requests::verify_hash(name, method, digest, claim);
}

Prepared<> verify_message(const char* key, strongroom_algorithm algorithm, Input message,
                          Input signature) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto text = TRY(bytes_in("message", message));
  auto claim = TRY(bytes_in("signature", signature));
  return requests::verify_message(name, method, text, claim);
}

Prepared<Bytes> asymmetric_encrypt(const char* key, strongroom_algorithm algorithm, Input plaintext,
                                   Input label) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(encryption_algorithm(algorithm));
  auto input = TRY(bytes_in("plaintext", plaintext));
  auto tag = TRY(bytes_in("label", label));
  return requests::asymmetric_encrypt(name, method, input, tag);
}

Prepared<SecretBytes> asymmetric_decrypt(const char* key, strongroom_algorithm algorithm,
                                         Input ciphertext, Input label) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(encryption_algorithm(algorithm));
  auto input = TRY(bytes_in("ciphertext", ciphertext));
  auto tag = TRY(bytes_in("label", label));
  return requests::asymmetric_decrypt(name, method, input, tag);
}

Prepared<Bytes> aead_encrypt(const char* key, strongroom_algorithm algorithm, Input nonce,
                             Input additional_data, Input plaintext) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(aead_algorithm(algorithm));
  auto once = TRY(bytes_in("nonce", nonce));
  auto more = TRY(bytes_in("additional_data", additional_data));
  auto input = TRY(bytes_in("plaintext", plaintext));
  return requests::aead_encrypt(name, method, once, more, input);
}

Prepared<SecretBytes> aead_decrypt(const char* key, strongroom_algorithm algorithm, Input nonce,
                                   Input additional_data, Input ciphertext) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(aead_algorithm(algorithm));
  auto once = TRY(bytes_in("nonce", nonce));
  auto more = TRY(bytes_in("additional_data", additional_data));
  auto input = TRY(bytes_in("ciphertext", ciphertext));
  return requests::aead_decrypt(name, method, once, more, input);
}

Prepared<Bytes> cipher_encrypt(const char* key, strongroom_algorithm algorithm, Input plaintext) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(cipher_algorithm(algorithm));
  auto input = TRY(bytes_in("plaintext", plaintext));
  return requests::cipher_encrypt(name, method, input);
}

Prepared<SecretBytes> cipher_decrypt(const char* key, strongroom_algorithm algorithm,
                                     Input ciphertext) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(cipher_algorithm(algorithm));
  auto input = TRY(bytes_in("ciphertext", ciphertext));
  return requests::cipher_decrypt(name, method, input);
}

Prepared<Bytes> mac_compute(const char* key, strongroom_algorithm algorithm, Input input) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(mac_algorithm(algorithm));
  auto text = TRY(bytes_in("input", input));
  return requests::mac_compute(name, method, text);
}

Prepared<> mac_verify(const char* key, strongroom_algorithm algorithm, Input input, Input mac) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(mac_algorithm(algorithm));
  auto text = TRY(bytes_in("input", input));
  auto claim = TRY(bytes_in("mac", mac));
  return requests::mac_verify(name, method, text, claim);
}

Prepared<SecretBytes> raw_key_agreement(const char* key, strongroom_algorithm algorithm,
                                        Input peer_key) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(raw_agreement_from(algorithm));
  auto peer = TRY(bytes_in("peer_key", peer_key));
  return requests::raw_key_agreement(name, method, peer);
}

Prepared<Bytes> hash_compute(strongroom_algorithm algorithm, Input input) {
  auto method = TRY(hash_algorithm(algorithm));
  auto text = TRY(bytes_in("input", input));
  return requests::hash_compute(method, text);
}

Prepared<> hash_compare(strongroom_algorithm algorithm, Input input, Input hash) {
  auto method = TRY(hash_algorithm(algorithm));
  auto text = TRY(bytes_in("input", input));
  auto digest = TRY(bytes_in("hash", hash));
  return requests::hash_compare(method, text, digest);
}

Prepared<> derive_key(const char* secret, strongroom_algorithm algorithm,
                      const strongroom_derivation_inputs* inputs, const char* new_key,
                      const strongroom_key_attributes* attributes) {
  auto name = TRY(text_in("secret", secret));
  auto method = TRY(derivation_algorithm(algorithm));
  auto derived = TRY(text_in("new_key", new_key));
  auto wanted = TRY(attributes_in(attributes));
  if (inputs == nullptr) return requests::derive_key(name, method, {}, derived, wanted);
  const auto& steps = inputs->steps;
  const DerivationParameters parameters{.peer_key = steps[STRONGROOM_DERIVATION_PEER_KEY],
                                        .salt = steps[STRONGROOM_DERIVATION_SALT],
                                        .info = steps[STRONGROOM_DERIVATION_INFO],
                                        .label = steps[STRONGROOM_DERIVATION_LABEL],
                                        .seed = steps[STRONGROOM_DERIVATION_SEED]};
  return requests::derive_key(name, method, parameters, derived, wanted);
}

Prepared<Bytes> wrap_key(const char* key, const char* wrapping_key,
                         strongroom_algorithm algorithm) {
  auto name = TRY(text_in("key", key));
  auto wrapping = TRY(text_in("wrapping_key", wrapping_key));
  auto method = TRY(key_wrap_algorithm(algorithm));
  return requests::wrap_key(name, wrapping, method);
}

Prepared<> unwrap_key(const char* new_key, const strongroom_key_attributes* attributes,
                      const char* unwrapping_key, strongroom_algorithm algorithm,
                      Input wrapped_key) {
  auto name = TRY(text_in("new_key", new_key));
  auto wanted = TRY(attributes_in(attributes));
  auto unwrapping = TRY(text_in("unwrapping_key", unwrapping_key));
  auto method = TRY(key_wrap_algorithm(algorithm));
  auto data = TRY(bytes_in("wrapped_key", wrapped_key));
  return requests::unwrap_key(name, wanted, unwrapping, method, data);
}

Prepared<std::vector<Bytes>> sign_hashes(const char* key, strongroom_algorithm algorithm,
                                         Inputs hashes) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto digests = TRY(each_in("hashes", hashes));
  return requests::sign_hashes(name, method, digests);
}

Prepared<std::vector<Bytes>> sign_messages(const char* key, strongroom_algorithm algorithm,
                                           Inputs messages) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(signature_algorithm(algorithm));
  auto texts = TRY(each_in("messages", messages));
  const WipedAtEnd wiped(texts);
  return requests::sign_messages(name, method, texts);
}

Prepared<SealedText> aead_seal(const char* key, strongroom_algorithm algorithm,
                               Input additional_data, Input plaintext) {
  auto name = TRY(text_in("key", key));
  auto method = TRY(aead_algorithm(algorithm));
  auto more = TRY(bytes_in("additional_data", additional_data));
  auto input = TRY(bytes_in("plaintext", plaintext));
  return requests::aead_seal(name, method, more, input);
}

Prepared<AttestationIdentity> prepare_key_attestation(const char* key) {
  if (key == nullptr) return requests::prepare_attestation_key();
  auto name = TRY(text_in("key", key));
  return requests::prepare_key_attestation(name);
}

Prepared<SecretBytes> attest_key(const char* key, Input credential, Input secret) {
  auto blob = TRY(bytes_in("credential", credential));
  auto encrypted = TRY(bytes_in("secret", secret));
  if (key == nullptr) return requests::attest_attestation_key(blob, encrypted);
  auto name = TRY(text_in("key", key));
  return requests::attest_key(name, blob, encrypted);
}

Prepared<KeyCertificate> certify_key(const char* key, Input nonce) {
  auto name = TRY(text_in("key", key));
  auto data = TRY(bytes_in("nonce", nonce));
  return requests::certify_key(name, data);
}

Prepared<RegisterQuote> quote(const strongroom_register_selection* selections, std::size_t count,
                              Input nonce) {
  if (selections == nullptr && count != 0) return null_argument("selections");
  std::vector<RegisterSelection> banks;
  for (const strongroom_register_selection& selection : std::span(selections, count)) {
    auto bank = TRY(hash_algorithm(selection.bank));
    banks.push_back({.bank = bank, .registers = {}});
    for (std::uint32_t i = 0; i < 32; ++i)
      if ((selection.registers >> i & 1) != 0) banks.back().registers.push_back(i);
  }
  auto data = TRY(bytes_in("nonce", nonce));
  return requests::quote(banks, data);
}

}  // namespace strongroom::c_api::prepare
