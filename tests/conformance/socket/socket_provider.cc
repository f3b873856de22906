#include "tests/conformance/socket/socket_provider.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "tests/conformance/socket/socket_keys.h"
#include "tests/conformance/socket/socket_parts.h"

namespace strongroom::conformance {
namespace {

// What every facet works with.
struct Connection {
  explicit Connection(Client of)
      : client(std::move(of)), keys(client.with_provider(*client.provider())) {}
  Client client;
  SocketKeys keys;
};

class SocketSigner final : public Signer {
 public:
  explicit SocketSigner(Connection& to) : to_(to) {}

  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.sign_hash(name, algorithm, hash));
  }
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.verify_hash(name, algorithm, hash, signature));
  }
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.sign_message(name, algorithm, message));
  }
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.verify_message(name, algorithm, message, signature));
  }

 private:
  Connection& to_;
};

class SocketEncrypter final : public Encrypter {
 public:
  explicit SocketEncrypter(Connection& to) : to_(to) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.asymmetric_encrypt(name, algorithm, plaintext, label));
  }
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return secret_in(to_.client.asymmetric_decrypt(name, algorithm, ciphertext, label));
  }

 private:
  Connection& to_;
};

class SocketAead final : public AeadCipher {
 public:
  explicit SocketAead(Connection& to) : to_(to) {}

  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(
        to_.client.aead_encrypt(name, algorithm, input.nonce, input.additional_data, plaintext));
  }
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return secret_in(
        to_.client.aead_decrypt(name, algorithm, input.nonce, input.additional_data, ciphertext));
  }
  Result<std::unique_ptr<EncryptionInParts>> begin_encryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return encryption_by(to_.client, name, algorithm, input);
  }
  Result<std::unique_ptr<DecryptionInParts>> begin_decryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return decryption_by(to_.client, name, algorithm, input);
  }

 private:
  Connection& to_;
};

class SocketCipher final : public Cipher {
 public:
  explicit SocketCipher(Connection& to) : to_(to) {}

  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.cipher_encrypt(name, algorithm, plaintext));
  }
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return secret_in(to_.client.cipher_decrypt(name, algorithm, ciphertext));
  }

 private:
  Connection& to_;
};

class SocketMacSigner final : public MacSigner {
 public:
  explicit SocketMacSigner(Connection& to) : to_(to) {}

  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.mac_compute(name, algorithm, input));
  }
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return answer_in(to_.client.mac_verify(name, algorithm, input, mac));
  }

 private:
  Connection& to_;
};

class SocketKeyAgreer final : public KeyAgreer {
 public:
  explicit SocketKeyAgreer(Connection& to) : to_(to) {}

  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override {
    std::string name = TRY(to_.keys.usable(key, psa::KeyAgreement{algorithm, std::nullopt}));
    return secret_in(to_.client.raw_key_agreement(name, algorithm, peer));
  }

 private:
  Connection& to_;
};

class SocketKeyDeriver final : public KeyDeriver {
 public:
  explicit SocketKeyDeriver(Connection& to) : to_(to) {}

  Result<NewKey> derive(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                        const DerivationInput& input,
                        const psa::KeyAttributes& attributes) override {
    return derive_by(secret, algorithm, {}, input, attributes);
  }
  Result<NewKey> agree_and_derive(const KeyRecord& key, const psa::KeyAgreement& algorithm,
                                  ByteView peer, const DerivationInput& input,
                                  const psa::KeyAttributes& attributes) override {
    return derive_by(key, algorithm, peer, input, attributes);
  }

 private:
  Result<NewKey> derive_by(const KeyRecord& key, const psa::Algorithm& algorithm, ByteView peer,
                           const DerivationInput& input, const psa::KeyAttributes& attributes) {
    std::string name = TRY(to_.keys.usable(key, algorithm));
    return to_.keys.made_by([&](const std::string& new_name) {
      return to_.client.derive_key(name, algorithm,
                                   {peer, input.salt, input.info, input.label, input.seed},
                                   new_name, attributes);
    });
  }

  Connection& to_;
};

class SocketKeyWrapper final : public KeyWrapper {
 public:
  explicit SocketKeyWrapper(Connection& to) : to_(to) {}

  Result<Bytes> wrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                     const KeyRecord& key) override {
    std::string name = TRY(to_.keys.usable(wrapping, algorithm));
    return answer_in(to_.client.wrap_key(SocketKeys::name_of(key), name, algorithm));
  }
  Result<NewKey> unwrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm, ByteView wrapped,
                        const psa::KeyAttributes& attributes) override {
    std::string name = TRY(to_.keys.usable(wrapping, algorithm));
    return to_.keys.made_by([&](const std::string& new_name) {
      return to_.client.unwrap_key(new_name, attributes, name, algorithm, wrapped);
    });
  }

 private:
  Connection& to_;
};

class SocketHasher final : public Hasher {
 public:
  explicit SocketHasher(Connection& to) : to_(to) {}

  Result<Bytes> compute(psa::Hash algorithm, ByteView input) override {
    return answer_in(to_.client.hash_compute(algorithm, input));
  }
  Result<std::unique_ptr<HashInParts>> begin(psa::Hash algorithm) override {
    return hash_by(to_.client, algorithm);
  }

 private:
  Connection& to_;
};

class SocketRandomSource final : public RandomSource {
 public:
  explicit SocketRandomSource(Connection& to) : to_(to) {}

  Result<SecretBuffer> generate(std::size_t size) override {
    return secret_in(to_.client.generate_random(size));
  }

 private:
  Connection& to_;
};

CryptoCheck check_of(Capability capability) {
  switch (capability) {
    case Capability::Use: return CryptoCheck::Use;
    case Capability::Generate: return CryptoCheck::Generate;
    case Capability::Import: return CryptoCheck::Import;
    case Capability::Derive: return CryptoCheck::Derive;
  }
  return CryptoCheck::Use;
}

class SocketProvider final : public Provider {
 public:
  SocketProvider(Client client, ProviderDescription description, std::set<Opcode> served)
      : to_(std::move(client)), description_(std::move(description)), served_(std::move(served)) {}

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override {
    return answer_in(to_.client.can_do_crypto(check_of(capability), attributes));
  }
  KeyManager* keys() noexcept override { return if_served(Opcode::PsaGenerateKey, to_.keys); }
  Signer* signer() noexcept override { return if_served(Opcode::PsaSignHash, signer_); }
  Encrypter* encrypter() noexcept override {
    return if_served(Opcode::PsaAsymmetricEncrypt, encrypter_);
  }
  AeadCipher* aead() noexcept override { return if_served(Opcode::PsaAeadEncrypt, aead_); }
  Cipher* cipher() noexcept override { return if_served(Opcode::PsaCipherEncrypt, cipher_); }
  MacSigner* mac() noexcept override { return if_served(Opcode::PsaMacCompute, mac_); }
  Hasher* hasher() noexcept override { return if_served(Opcode::PsaHashCompute, hasher_); }
  KeyAgreer* key_agreer() noexcept override {
    return if_served(Opcode::PsaRawKeyAgreement, key_agreer_);
  }
  KeyDeriver* key_deriver() noexcept override { return if_served(Opcode::DeriveKey, key_deriver_); }
  KeyWrapper* key_wrapper() noexcept override { return if_served(Opcode::WrapKey, key_wrapper_); }
  RandomSource* random() noexcept override { return if_served(Opcode::PsaGenerateRandom, random_); }

 private:
  template <typename Facet>
  Facet* if_served(Opcode opcode, Facet& facet) const noexcept {
    return served_.contains(opcode) ? &facet : nullptr;
  }

  mutable Connection to_;  // its calls may come from any thread
  ProviderDescription description_;
  std::set<Opcode> served_;
  SocketSigner signer_{to_};
  SocketEncrypter encrypter_{to_};
  SocketAead aead_{to_};
  SocketCipher cipher_{to_};
  SocketMacSigner mac_{to_};
  SocketHasher hasher_{to_};
  SocketKeyAgreer key_agreer_{to_};
  SocketKeyDeriver key_deriver_{to_};
  SocketKeyWrapper key_wrapper_{to_};
  SocketRandomSource random_{to_};
};

// Of the identity, what clients never learn is left empty.
ProviderDescription described(const ProviderInfo& info) {
  return {.id = std::to_underlying(info.id),
          .identity = {},
          .description = info.description,
          .vendor = info.vendor,
          .version = {info.version.major_number, info.version.minor_number, info.version.revision}};
}

}  // namespace

Result<std::unique_ptr<Provider>> connect_to(const ServiceConfiguration& configuration) {
  Client client = client_of(configuration);
  auto providers = TRY(answer_in(client.list_providers()));
  auto opcodes = TRY(answer_in(client.list_opcodes(configuration.id)));
  auto info = std::ranges::find(providers, configuration.id, &ProviderInfo::id);
  if (info == providers.end())
    return fail(Status::ProviderNotRegistered, "the service does not list its provider");
  return std::make_unique<SocketProvider>(std::move(client), described(*info),
                                          std::set(opcodes.begin(), opcodes.end()));
}

}  // namespace strongroom::conformance
