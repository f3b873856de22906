// The client of a Strongroom or Parsec service: one blocking call per operation.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/psa.h"
#include "protocol/opcode.h"
#include "strongroom/administration.h"
#include "strongroom/client_error.h"
#include "strongroom/client_options.h"
#include "strongroom/listing.h"
#include "strongroom/request.h"
#include "strongroom/secret_bytes.h"

namespace strongroom {

namespace client {
class PartStream;
}

// Calls may come from several threads at once: they share one kept connection, on which up to 64
// requests are in flight. It is opened by the first call, and again when it was lost: silently when
// nothing of a request had been sent or the request changes nothing; else the call fails with
// "connection lost: outcome unknown". A service that keeps no connections is served by one
// connection for each call. After fork() and seteuid() calls use a connection of their own.
// Key operations act on the provider of the options; with_provider() gives a client for another.
// What the service refuses arrives as a ClientError of source Service with the service's status.
// No exception leaves a call; lack of memory is source Caller, PsaErrorInsufficientMemory.
// Key names are UTF-8.
class [[gnu::visibility("default")]] Client {
 public:
  // Fails with source Caller for an endpoint that is not one and a name that is not UTF-8; connects
  // to nothing yet.
  static ClientResult<Client> open(ClientOptions options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Clients that share this one's connection, and outlive it.
  Client with_provider(ProviderId provider) const noexcept;
  Client with_timeout(std::chrono::milliseconds timeout) const noexcept;
  // A stop request ends calls that wait, and those to come, with source Cancelled.
  Client with_cancellation(std::stop_token token) const noexcept;

  // The path that calls connect to.
  const std::string& socket_path() const noexcept;
  // The provider of key operations; the first time it may have to ask the service.
  ClientResult<ProviderId> provider();

  // Sends what strongroom::requests prepares; the methods below do no more than that.
  template <typename T>
  ClientResult<T> call(ClientResult<PreparedRequest<T>> request, const CallOptions& options = {});

  // Discovery. Needs no identity.
  ClientResult<WireVersion> ping();
  // In the service's order of preference, the core provider last.
  ClientResult<std::vector<ProviderInfo>> list_providers();
  ClientResult<std::vector<AuthenticatorInfo>> list_authenticators();
  ClientResult<std::vector<Opcode>> list_opcodes(ProviderId provider);

  // The caller's keys, in every provider.
  ClientResult<std::vector<KeyInfo>> list_keys();

  // For administrators.
  ClientResult<std::vector<std::string>> list_clients();
  ClientResult<> delete_client(std::string_view client);
  ClientResult<ServiceStatus> status();
  // Has the service read its configuration again; the answer comes when that is applied or refused.
  ClientResult<ReloadAnswer> reload();
  // By the provider's name in the configuration.
  ClientResult<ProviderAnswer> control_provider(std::string_view provider, ProviderAction action);
  // Has every seal of the key store opened, which may take longer than other calls.
  ClientResult<StoreCheckAnswer> check_store(StoreAcceptance acceptance);
  // As check_store(), and destroys objects of no key and removes keys without their object where
  // `subjects` names them, those of StoreFinding; what is not found to be so again stays.
  ClientResult<StoreCheckAnswer> repair_store(std::span<const std::string> subjects);

  ClientResult<> generate_key(std::string_view name, const psa::KeyAttributes& attributes);
  // `data` as PSA Crypto API 1.1, psa_import_key: an RSAPrivateKey, a scalar, raw bytes.
  ClientResult<> import_key(std::string_view name, const psa::KeyAttributes& attributes,
                            ByteView data);
  ClientResult<SecretBytes> export_key(std::string_view name);
  // An RSAPublicKey in DER, or an uncompressed point (SEC 1, 2.3.3).
  ClientResult<Bytes> export_public_key(std::string_view name);
  // Of a key in a device that does not serve: its failure, although the key is forgotten, its name
  // free and its end written down; the device destroys it once it serves.
  ClientResult<> destroy_key(std::string_view name);
  // An extension that services other than Strongroom answer with OpcodeDoesNotExist.
  ClientResult<KeyDetails> key_info(std::string_view name);

  // Four extensions: PSA Crypto API 1.1 §10.5 into a key that stays in the service, key wrapping,
  // and signatures of up to 1,024 inputs: all or none.
  ClientResult<> derive_key(std::string_view secret, const psa::Algorithm& algorithm,
                            const DerivationParameters& parameters, std::string_view new_key,
                            const psa::KeyAttributes& attributes);
  // Both keys are of this client's provider; the wrapped one must be exportable.
  ClientResult<Bytes> wrap_key(std::string_view key, std::string_view wrapping_key,
                               const psa::KeyWrap& algorithm);
  // PsaErrorInvalidSignature when the data was altered.
  ClientResult<> unwrap_key(std::string_view new_key, const psa::KeyAttributes& attributes,
                            std::string_view unwrapping_key, const psa::KeyWrap& algorithm,
                            ByteView wrapped_key);
  ClientResult<std::vector<Bytes>> sign_hashes(std::string_view key,
                                               const psa::AsymmetricSignature& algorithm,
                                               std::span<const Bytes> hashes);
  ClientResult<std::vector<Bytes>> sign_messages(std::string_view key,
                                                 const psa::AsymmetricSignature& algorithm,
                                                 std::span<const Bytes> messages);

  // Signatures of ECDSA are r‖s, both as long as the curve's order.
  ClientResult<Bytes> sign_hash(std::string_view key, const psa::AsymmetricSignature& algorithm,
                                ByteView hash);
  // PsaErrorInvalidSignature when the signature does not match; so the message's twin below.
  ClientResult<> verify_hash(std::string_view key, const psa::AsymmetricSignature& algorithm,
                             ByteView hash, ByteView signature);
  ClientResult<Bytes> sign_message(std::string_view key, const psa::AsymmetricSignature& algorithm,
                                   ByteView message);
  ClientResult<> verify_message(std::string_view key, const psa::AsymmetricSignature& algorithm,
                                ByteView message, ByteView signature);

  // `label` is OAEP's and may be empty.
  ClientResult<Bytes> asymmetric_encrypt(std::string_view key,
                                         const psa::AsymmetricEncryption& algorithm,
                                         ByteView plaintext, ByteView label = {});
  ClientResult<SecretBytes> asymmetric_decrypt(std::string_view key,
                                               const psa::AsymmetricEncryption& algorithm,
                                               ByteView ciphertext, ByteView label = {});

  // The ciphertext ends with the tag. A nonce must never be used twice with one key.
  ClientResult<Bytes> aead_encrypt(std::string_view key, const psa::Aead& algorithm, ByteView nonce,
                                   ByteView additional_data, ByteView plaintext);
  // The same with a nonce that the service draws; an extension.
  ClientResult<SealedText> aead_seal(std::string_view key, const psa::Aead& algorithm,
                                     ByteView additional_data, ByteView plaintext);
  // PsaErrorInvalidSignature when anything was altered.
  ClientResult<SecretBytes> aead_decrypt(std::string_view key, const psa::Aead& algorithm,
                                         ByteView nonce, ByteView additional_data,
                                         ByteView ciphertext);

  // Without authentication. The ciphertext begins with the random IV, if the mode has one.
  ClientResult<Bytes> cipher_encrypt(std::string_view key, psa::Cipher algorithm,
                                     ByteView plaintext);
  ClientResult<SecretBytes> cipher_decrypt(std::string_view key, psa::Cipher algorithm,
                                           ByteView ciphertext);

  ClientResult<Bytes> mac_compute(std::string_view key, const psa::Mac& algorithm, ByteView input);
  // PsaErrorInvalidSignature when the MAC is another one.
  ClientResult<> mac_verify(std::string_view key, const psa::Mac& algorithm, ByteView input,
                            ByteView mac);

  ClientResult<SecretBytes> raw_key_agreement(std::string_view private_key,
                                              psa::RawKeyAgreement algorithm, ByteView peer_key);

  ClientResult<Bytes> hash_compute(psa::Hash hash, ByteView input);
  // PsaErrorInvalidSignature when the digest is another one.
  ClientResult<> hash_compare(psa::Hash hash, ByteView input, ByteView digest);
  ClientResult<SecretBytes> generate_random(std::uint64_t bytes);

  // Success means yes, PsaErrorNotSupported means no.
  ClientResult<> can_do_crypto(CryptoCheck check, const psa::KeyAttributes& attributes);

 private:
  friend class client::PartStream;
  struct [[gnu::visibility("hidden")]] State;
  [[gnu::visibility("hidden")]] Client(std::shared_ptr<State> state,
                                       std::optional<ProviderId> provider,
                                       std::chrono::milliseconds timeout,
                                       std::stop_token cancellation) noexcept;
  [[gnu::visibility("hidden")]] Client same() const noexcept;

  // The body of the answer. What was sent of `request` is gone; what decoding needs stays.
  ClientResult<SecretBytes> exchange(detail::EncodedRequest& request,
                                     const CallOptions& options) noexcept;

  std::shared_ptr<State> state_;
  std::optional<ProviderId> provider_;
  std::chrono::milliseconds timeout_;
  std::stop_token cancellation_;
};

template <typename T>
ClientResult<T> Client::call(ClientResult<PreparedRequest<T>> request, const CallOptions& options) {
  if (!request) return std::unexpected(std::move(request).error());
  ClientResult<SecretBytes> body = exchange(request->encoded_, options);
  if (!body) return std::unexpected(std::move(body).error());
  return request->decode_(request->encoded_, *body);
}

}  // namespace strongroom
