// The calls to a provider that holds keys.
#include <string>
#include <tuple>
#include <type_traits>

#include <fmt/format.h>

#include "base/utf8.h"
#include "can_do_crypto.pb.h"
#include "client/caller.h"
#include "client/client_state.h"
#include "protocol/psa_codec.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_destroy_key.pb.h"
#include "psa_export_key.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compare.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_import_key.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "psa_sign_hash.pb.h"
#include "psa_sign_message.pb.h"
#include "psa_verify_hash.pb.h"
#include "psa_verify_message.pb.h"
#include "strongroom/client.h"

namespace strongroom {

using client::forget;
using client::Identity;
using client::take_secret;

namespace {

std::string field_of(ByteView bytes) {
  return std::string(text_of(bytes));
}

// The runtime would print a complaint of its own and send the name all the same.
ClientResult<std::string> key_name(std::string_view name) {
  if (is_utf8(name)) return std::string(name);
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument,
                  fmt::format("naming key '{}': the name is not UTF-8", escaped(name))));
}

// The messages of operations on a key that is there: its name; with the algorithm to use it with.
template <typename Operation>
ClientResult<Operation> about_key(std::string_view name) {
  auto checked_name = TRY(key_name(name));
  Operation operation;
  operation.set_key_name(std::move(checked_name));
  return operation;
}

template <typename Operation, typename Algorithm>
ClientResult<Operation> use_of_key(std::string_view name, const Algorithm& algorithm) {
  auto operation = TRY(about_key<Operation>(name));
  if constexpr (std::is_enum_v<Algorithm>)
    operation.set_alg(encode(algorithm));
  else
    *operation.mutable_alg() = encode(algorithm);
  return operation;
}

// And on one that is to be.
template <typename Operation>
ClientResult<Operation> new_key(std::string_view name, const psa::KeyAttributes& attributes) {
  auto operation = TRY(about_key<Operation>(name));
  *operation.mutable_attributes() = encode(attributes);
  return operation;
}

template <typename Answer, typename Message>
ClientResult<Answer> ask(Client& self, const client::Caller& caller, Opcode opcode,
                         const Message& message, Identity identity = Identity::Claimed) {
  ProviderId provider = TRY(self.provider());
  return client::ask<Answer>(caller, opcode, provider, identity, message);
}

}  // namespace

ClientResult<> Client::generate_key(std::string_view name, const psa::KeyAttributes& attributes) {
  auto operation = TRY(new_key<psa_generate_key::Operation>(name, attributes));
  std::ignore =
      TRY(ask<psa_generate_key::Result>(*this, state_->caller, Opcode::PsaGenerateKey, operation));
  return {};
}

ClientResult<> Client::import_key(std::string_view name, const psa::KeyAttributes& attributes,
                                  ByteView data) {
  auto operation = TRY(new_key<psa_import_key::Operation>(name, attributes));
  operation.set_data(field_of(data));
  auto answer = ask<psa_import_key::Result>(*this, state_->caller, Opcode::PsaImportKey, operation);
  forget(*operation.mutable_data());
  std::ignore = TRY(std::move(answer));
  return {};
}

ClientResult<SecretBytes> Client::export_key(std::string_view name) {
  auto operation = TRY(about_key<psa_export_key::Operation>(name));
  auto answer =
      TRY(ask<psa_export_key::Result>(*this, state_->caller, Opcode::PsaExportKey, operation));
  return take_secret(*answer.mutable_data());
}

ClientResult<Bytes> Client::export_public_key(std::string_view name) {
  auto operation = TRY(about_key<psa_export_public_key::Operation>(name));
  auto answer = TRY(ask<psa_export_public_key::Result>(*this, state_->caller,
                                                       Opcode::PsaExportPublicKey, operation));
  return bytes_of(answer.data());
}

ClientResult<> Client::destroy_key(std::string_view name) {
  auto operation = TRY(about_key<psa_destroy_key::Operation>(name));
  std::ignore =
      TRY(ask<psa_destroy_key::Result>(*this, state_->caller, Opcode::PsaDestroyKey, operation));
  return {};
}

ClientResult<Bytes> Client::sign_hash(std::string_view key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  auto operation = TRY(use_of_key<psa_sign_hash::Operation>(key, algorithm));
  operation.set_hash(field_of(hash));
  auto answer =
      TRY(ask<psa_sign_hash::Result>(*this, state_->caller, Opcode::PsaSignHash, operation));
  return bytes_of(answer.signature());
}

ClientResult<> Client::verify_hash(std::string_view key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  auto operation = TRY(use_of_key<psa_verify_hash::Operation>(key, algorithm));
  operation.set_hash(field_of(hash));
  operation.set_signature(field_of(signature));
  std::ignore =
      TRY(ask<psa_verify_hash::Result>(*this, state_->caller, Opcode::PsaVerifyHash, operation));
  return {};
}

ClientResult<Bytes> Client::sign_message(std::string_view key,
                                         const psa::AsymmetricSignature& algorithm,
                                         ByteView message) {
  auto operation = TRY(use_of_key<psa_sign_message::Operation>(key, algorithm));
  operation.set_message(field_of(message));
  auto answer =
      TRY(ask<psa_sign_message::Result>(*this, state_->caller, Opcode::PsaSignMessage, operation));
  return bytes_of(answer.signature());
}

ClientResult<> Client::verify_message(std::string_view key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message,
                                      ByteView signature) {
  auto operation = TRY(use_of_key<psa_verify_message::Operation>(key, algorithm));
  operation.set_message(field_of(message));
  operation.set_signature(field_of(signature));
  std::ignore = TRY(
      ask<psa_verify_message::Result>(*this, state_->caller, Opcode::PsaVerifyMessage, operation));
  return {};
}

ClientResult<Bytes> Client::asymmetric_encrypt(std::string_view key,
                                               const psa::AsymmetricEncryption& algorithm,
                                               ByteView plaintext, ByteView label) {
  auto operation = TRY(use_of_key<psa_asymmetric_encrypt::Operation>(key, algorithm));
  operation.set_plaintext(field_of(plaintext));
  operation.set_salt(field_of(label));
  auto answer = ask<psa_asymmetric_encrypt::Result>(*this, state_->caller,
                                                    Opcode::PsaAsymmetricEncrypt, operation);
  forget(*operation.mutable_plaintext());
  auto message = TRY(std::move(answer));
  return bytes_of(message.ciphertext());
}

ClientResult<SecretBytes> Client::asymmetric_decrypt(std::string_view key,
                                                     const psa::AsymmetricEncryption& algorithm,
                                                     ByteView ciphertext, ByteView label) {
  auto operation = TRY(use_of_key<psa_asymmetric_decrypt::Operation>(key, algorithm));
  operation.set_ciphertext(field_of(ciphertext));
  operation.set_salt(field_of(label));
  auto answer = TRY(ask<psa_asymmetric_decrypt::Result>(*this, state_->caller,
                                                        Opcode::PsaAsymmetricDecrypt, operation));
  return take_secret(*answer.mutable_plaintext());
}

ClientResult<Bytes> Client::aead_encrypt(std::string_view key, const psa::Aead& algorithm,
                                         ByteView nonce, ByteView additional_data,
                                         ByteView plaintext) {
  auto operation = TRY(use_of_key<psa_aead_encrypt::Operation>(key, algorithm));
  operation.set_nonce(field_of(nonce));
  operation.set_additional_data(field_of(additional_data));
  operation.set_plaintext(field_of(plaintext));
  auto answer =
      ask<psa_aead_encrypt::Result>(*this, state_->caller, Opcode::PsaAeadEncrypt, operation);
  forget(*operation.mutable_plaintext());
  auto message = TRY(std::move(answer));
  return bytes_of(message.ciphertext());
}

ClientResult<SecretBytes> Client::aead_decrypt(std::string_view key, const psa::Aead& algorithm,
                                               ByteView nonce, ByteView additional_data,
                                               ByteView ciphertext) {
  auto operation = TRY(use_of_key<psa_aead_decrypt::Operation>(key, algorithm));
  operation.set_nonce(field_of(nonce));
  operation.set_additional_data(field_of(additional_data));
  operation.set_ciphertext(field_of(ciphertext));
  auto answer =
      TRY(ask<psa_aead_decrypt::Result>(*this, state_->caller, Opcode::PsaAeadDecrypt, operation));
  return take_secret(*answer.mutable_plaintext());
}

ClientResult<Bytes> Client::cipher_encrypt(std::string_view key, psa::Cipher algorithm,
                                           ByteView plaintext) {
  auto operation = TRY(use_of_key<psa_cipher_encrypt::Operation>(key, algorithm));
  operation.set_plaintext(field_of(plaintext));
  auto answer =
      ask<psa_cipher_encrypt::Result>(*this, state_->caller, Opcode::PsaCipherEncrypt, operation);
  forget(*operation.mutable_plaintext());
  auto message = TRY(std::move(answer));
  return bytes_of(message.ciphertext());
}

ClientResult<SecretBytes> Client::cipher_decrypt(std::string_view key, psa::Cipher algorithm,
                                                 ByteView ciphertext) {
  auto operation = TRY(use_of_key<psa_cipher_decrypt::Operation>(key, algorithm));
  operation.set_ciphertext(field_of(ciphertext));
  auto answer = TRY(
      ask<psa_cipher_decrypt::Result>(*this, state_->caller, Opcode::PsaCipherDecrypt, operation));
  return take_secret(*answer.mutable_plaintext());
}

ClientResult<Bytes> Client::mac_compute(std::string_view key, const psa::Mac& algorithm,
                                        ByteView input) {
  auto operation = TRY(use_of_key<psa_mac_compute::Operation>(key, algorithm));
  operation.set_input(field_of(input));
  auto answer =
      TRY(ask<psa_mac_compute::Result>(*this, state_->caller, Opcode::PsaMacCompute, operation));
  return bytes_of(answer.mac());
}

ClientResult<> Client::mac_verify(std::string_view key, const psa::Mac& algorithm, ByteView input,
                                  ByteView mac) {
  auto operation = TRY(use_of_key<psa_mac_verify::Operation>(key, algorithm));
  operation.set_input(field_of(input));
  operation.set_mac(field_of(mac));
  std::ignore =
      TRY(ask<psa_mac_verify::Result>(*this, state_->caller, Opcode::PsaMacVerify, operation));
  return {};
}

ClientResult<SecretBytes> Client::raw_key_agreement(std::string_view private_key,
                                                    psa::RawKeyAgreement algorithm,
                                                    ByteView peer_key) {
  psa_raw_key_agreement::Operation operation;
  auto checked_name = TRY(key_name(private_key));
  operation.set_private_key_name(std::move(checked_name));
  operation.set_alg(encode(algorithm));
  operation.set_peer_key(field_of(peer_key));
  auto answer = TRY(ask<psa_raw_key_agreement::Result>(*this, state_->caller,
                                                       Opcode::PsaRawKeyAgreement, operation));
  return take_secret(*answer.mutable_shared_secret());
}

ClientResult<Bytes> Client::hash_compute(psa::Hash hash, ByteView input) {
  psa_hash_compute::Operation operation;
  operation.set_alg(encode(hash));
  operation.set_input(field_of(input));
  auto answer = TRY(ask<psa_hash_compute::Result>(*this, state_->caller, Opcode::PsaHashCompute,
                                                  operation, Identity::None));
  return bytes_of(answer.hash());
}

ClientResult<> Client::hash_compare(psa::Hash hash, ByteView input, ByteView digest) {
  psa_hash_compare::Operation operation;
  operation.set_alg(encode(hash));
  operation.set_input(field_of(input));
  operation.set_hash(field_of(digest));
  std::ignore = TRY(ask<psa_hash_compare::Result>(*this, state_->caller, Opcode::PsaHashCompare,
                                                  operation, Identity::None));
  return {};
}

ClientResult<SecretBytes> Client::generate_random(std::uint64_t bytes) {
  psa_generate_random::Operation operation;
  operation.set_size(bytes);
  auto answer = TRY(ask<psa_generate_random::Result>(
      *this, state_->caller, Opcode::PsaGenerateRandom, operation, Identity::None));
  if (answer.random_bytes().size() != bytes)
    return std::unexpected(
        ClientError(ErrorSource::Answer, Status::InvalidEncoding,
                    fmt::format("reading the answer: it has {} random bytes, not {}",
                                answer.random_bytes().size(), bytes)));
  return take_secret(*answer.mutable_random_bytes());
}

ClientResult<> Client::can_do_crypto(CryptoCheck check, const psa::KeyAttributes& attributes) {
  can_do_crypto::Operation operation;
  operation.set_check_type(static_cast<can_do_crypto::CheckType>(check));
  *operation.mutable_attributes() = encode(attributes);
  std::ignore =
      TRY(ask<can_do_crypto::Result>(*this, state_->caller, Opcode::CanDoCrypto, operation));
  return {};
}

}  // namespace strongroom
