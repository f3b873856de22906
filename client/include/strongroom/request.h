// Requests as values: prepared once, sent by Client::call() or AsyncClient::start().
#pragma once

#include <chrono>
#include <cstdint>
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
#include "strongroom/listing.h"
#include "strongroom/secret_bytes.h"

namespace strongroom {

class AsyncClient;
class Client;

// How one call differs from the others of its client.
struct CallOptions {
  // For the whole call, from connecting to the last byte of the answer. Empty: the client's. Zero:
  // for ever.
  std::optional<std::chrono::milliseconds> timeout;
  // Ends the call with source Cancelled when a stop is requested, from any thread.
  std::stop_token cancellation;
  // Of a key operation. Empty: the client's.
  std::optional<ProviderId> provider;
};

namespace detail {

struct Access;

// What is sent and what must be known to read the answer.
struct EncodedRequest {
  enum class Identity : std::uint8_t { None, Claimed };
  // OnConnection: goes on with what was begun on its connection, and is sent on no other.
  enum class Effect : std::uint8_t { None, Changes, OnConnection };
  enum class Target : std::uint8_t { Core, KeyProvider };

  Opcode opcode;
  Identity identity;
  Effect effect;
  Target target;
  SecretBytes frame;             // room for the header, then the body
  std::string key_name;          // for answers that do not repeat it
  std::uint64_t expected_count;  // of what the answer has as much of as was asked for
};

template <typename T>
using Decode = ClientResult<T> (*)(const EncodedRequest& request, ByteView answer);

}  // namespace detail

// An operation that is ready to be sent, as often as wanted. Its bytes are wiped when it goes.
// Owned by one thread at a time. Copying may throw std::bad_alloc. Made by strongroom::requests.
template <typename T>
class [[nodiscard]] PreparedRequest {
 public:
  Opcode opcode() const noexcept { return encoded_.opcode; }
  // Such a request is never sent twice: when it is not known to have been carried out, the call
  // fails and says so.
  bool changes_something() const noexcept {
    return encoded_.effect == detail::EncodedRequest::Effect::Changes;
  }

 private:
  friend class Client;
  friend class AsyncClient;
  friend struct detail::Access;

  PreparedRequest(detail::EncodedRequest request, detail::Decode<T> decode) noexcept
      : encoded_(std::move(request)), decode_(decode) {}

  detail::EncodedRequest encoded_;
  detail::Decode<T> decode_;
};

// Whether what a check of the store finds becomes the store's content.
enum class StoreAcceptance : std::uint8_t { Report, Accept };

enum class CryptoCheck : std::uint8_t { Use = 1, Generate = 2, Import = 3, Derive = 4 };

// What a key derivation takes beside its secret. Of HKDF: salt and info (RFC 5869); of TLS 1.2:
// label and seed (RFC 5246 §5). `peer_key` is the public key of an agreement with derivation.
struct DerivationParameters {
  ByteView peer_key;
  ByteView salt;
  ByteView info;
  ByteView label;
  ByteView seed;
};

// What was encrypted with a nonce that the service drew. The ciphertext ends with the tag.
struct SealedText {
  Bytes nonce;
  Bytes ciphertext;
};

// One function for each operation; they fail with source Caller. What they mean is said at the
// methods of Client, which have the same names.
namespace requests {

template <typename T = void>
using Prepared = ClientResult<PreparedRequest<T>>;
using Name = std::string_view;

#pragma GCC visibility push(default)

Prepared<WireVersion> ping();
Prepared<std::vector<ProviderInfo>> list_providers();
Prepared<std::vector<AuthenticatorInfo>> list_authenticators();
Prepared<std::vector<Opcode>> list_opcodes(ProviderId provider);
Prepared<std::vector<KeyInfo>> list_keys();
Prepared<std::vector<std::string>> list_clients();
Prepared<> delete_client(std::string_view client);
Prepared<ServiceStatus> status();
Prepared<ReloadAnswer> reload();
Prepared<ProviderAnswer> control_provider(std::string_view provider, ProviderAction action);
Prepared<StoreCheckAnswer> check_store(StoreAcceptance acceptance = StoreAcceptance::Report);
Prepared<StoreCheckAnswer> repair_store(std::span<const std::string> subjects);

Prepared<> generate_key(Name name, const psa::KeyAttributes& attributes);
Prepared<> import_key(Name name, const psa::KeyAttributes& attributes, ByteView data);
Prepared<SecretBytes> export_key(Name name);
Prepared<Bytes> export_public_key(Name name);
Prepared<> destroy_key(Name name);
Prepared<KeyDetails> key_info(Name name);

// Extensions, which services other than Strongroom answer with OpcodeDoesNotExist.
Prepared<> derive_key(Name secret, const psa::Algorithm& algorithm,
                      const DerivationParameters& parameters, Name new_key,
                      const psa::KeyAttributes& attributes);
Prepared<Bytes> wrap_key(Name key, Name wrapping_key, const psa::KeyWrap& algorithm);
Prepared<> unwrap_key(Name new_key, const psa::KeyAttributes& attributes, Name unwrapping_key,
                      const psa::KeyWrap& algorithm, ByteView wrapped_key);
Prepared<std::vector<Bytes>> sign_hashes(Name key, const psa::AsymmetricSignature& algorithm,
                                         std::span<const Bytes> hashes);
Prepared<std::vector<Bytes>> sign_messages(Name key, const psa::AsymmetricSignature& algorithm,
                                           std::span<const Bytes> messages);
Prepared<SealedText> aead_seal(Name key, const psa::Aead& algorithm, ByteView additional_data,
                               ByteView plaintext);

Prepared<Bytes> sign_hash(Name key, const psa::AsymmetricSignature& algorithm, ByteView hash);
Prepared<> verify_hash(Name key, const psa::AsymmetricSignature& algorithm, ByteView hash,
                       ByteView signature);
Prepared<Bytes> sign_message(Name key, const psa::AsymmetricSignature& algorithm, ByteView message);
Prepared<> verify_message(Name key, const psa::AsymmetricSignature& algorithm, ByteView message,
                          ByteView signature);

Prepared<Bytes> asymmetric_encrypt(Name key, const psa::AsymmetricEncryption& algorithm,
                                   ByteView plaintext, ByteView label = {});
Prepared<SecretBytes> asymmetric_decrypt(Name key, const psa::AsymmetricEncryption& algorithm,
                                         ByteView ciphertext, ByteView label = {});
Prepared<Bytes> aead_encrypt(Name key, const psa::Aead& algorithm, ByteView nonce,
                             ByteView additional_data, ByteView plaintext);
Prepared<SecretBytes> aead_decrypt(Name key, const psa::Aead& algorithm, ByteView nonce,
                                   ByteView additional_data, ByteView ciphertext);
Prepared<Bytes> cipher_encrypt(Name key, psa::Cipher algorithm, ByteView plaintext);
Prepared<SecretBytes> cipher_decrypt(Name key, psa::Cipher algorithm, ByteView ciphertext);

Prepared<Bytes> mac_compute(Name key, const psa::Mac& algorithm, ByteView input);
Prepared<> mac_verify(Name key, const psa::Mac& algorithm, ByteView input, ByteView mac);
Prepared<SecretBytes> raw_key_agreement(Name private_key, psa::RawKeyAgreement algorithm,
                                        ByteView peer_key);

Prepared<Bytes> hash_compute(psa::Hash hash, ByteView input);
Prepared<> hash_compare(psa::Hash hash, ByteView input, ByteView digest);
Prepared<SecretBytes> generate_random(std::uint64_t bytes);
Prepared<> can_do_crypto(CryptoCheck check, const psa::KeyAttributes& attributes);

#pragma GCC visibility pop

}  // namespace requests

}  // namespace strongroom
