// A provider with every facet and no cryptography: results say what was asked for, so that tests of
// the service see what reached the provider. Generation and signing can be held up from outside.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "providers/provider.h"

namespace strongroom::testing {

inline constexpr Uuid kFakeUuid{std::byte{0xfa}, std::byte{0xce}};

// Holds whoever enters while it is closed.
class Gate {
 public:
  void close();
  void open();
  // Returns false when `stop` is requested before the gate opens.
  bool pass(const std::stop_token& stop);
  // Waits until `count` have entered.
  void await_entered(int count);

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  bool is_closed_ = false;
  int entered_ = 0;
};

// "Signatures" are "signed:" before the hash, "ciphertexts" and wrapped keys "sealed:" before the
// plaintext, "MACs" "mac:" before the input, digests the right number of 'h'. In parts, a digest is
// the first byte of each part and then 'h', a text stays as it is, and its tag is "tag".
// Derived keys are "derived:" before the secret and the salt, or what was agreed with the peer.
class FakeProvider final : public Provider,
                           private KeyManager,
                           private Signer,
                           private Encrypter,
                           private AeadCipher,
                           private Cipher,
                           private MacSigner,
                           private Hasher,
                           private KeyAgreer,
                           private KeyWrapper,
                           private KeyDeriver,
                           private RandomSource,
                           private Attester {
 public:
  explicit FakeProvider(std::uint8_t id = 1, std::string instance = "fake");

  Gate generation;                             // every key generation passes it
  Gate signing;                                // every signature of a hash: like a hanging device
  Gate parts;                                  // every part of a hash
  std::atomic<int> generated = 0;              // keys made
  std::atomic<int> signatures = 0;             // made
  std::atomic<int> ended = 0;                  // keys destroyed
  std::atomic<bool> is_out_of_memory = false;  // generating and signing throw std::bad_alloc
  Maintenance* maintained_by = nullptr;

  const ProviderDescription& description() const noexcept override { return description_; }
  // Everything but DES and uses without any usage flag.
  Result<> supports(Capability capability, const psa::KeyAttributes& attributes) const override;
  KeyManager* keys() noexcept override { return this; }
  Signer* signer() noexcept override { return this; }
  Encrypter* encrypter() noexcept override { return this; }
  AeadCipher* aead() noexcept override { return this; }
  Cipher* cipher() noexcept override { return this; }
  MacSigner* mac() noexcept override { return this; }
  Hasher* hasher() noexcept override { return this; }
  KeyAgreer* key_agreer() noexcept override { return this; }
  KeyWrapper* key_wrapper() noexcept override { return this; }
  KeyDeriver* key_deriver() noexcept override { return this; }
  RandomSource* random() noexcept override { return this; }
  Attester* attester() noexcept override { return this; }
  Maintenance* maintenance() noexcept override { return maintained_by; }

 private:
  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;

  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

  Result<Bytes> encrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                        ByteView plaintext, ByteView label) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                               ByteView ciphertext, ByteView label) override;
  Result<Bytes> encrypt(const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input,
                        ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                               const AeadInput& input, ByteView ciphertext) override;
  Result<Bytes> encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) override;
  Result<SecretBuffer> decrypt(const KeyRecord& key, psa::Cipher algorithm,
                               ByteView ciphertext) override;
  Result<Bytes> compute(const KeyRecord& key, const psa::Mac& algorithm, ByteView input) override;
  Result<> verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                  ByteView mac) override;

  Result<std::unique_ptr<EncryptionInParts>> begin_encryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override;
  Result<std::unique_ptr<DecryptionInParts>> begin_decryption(const KeyRecord& key,
                                                              const psa::Aead& algorithm,
                                                              const AeadInput& input) override;

  Result<Bytes> compute(psa::Hash algorithm, ByteView input) override;
  Result<std::unique_ptr<HashInParts>> begin(psa::Hash algorithm) override;
  Result<SecretBuffer> agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                             ByteView peer) override;
  Result<Bytes> wrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                     const KeyRecord& key) override;
  Result<NewKey> unwrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm, ByteView wrapped,
                        const psa::KeyAttributes& attributes) override;
  Result<NewKey> derive(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                        const DerivationInput& input,
                        const psa::KeyAttributes& attributes) override;
  Result<NewKey> agree_and_derive(const KeyRecord& key, const psa::KeyAgreement& algorithm,
                                  ByteView peer, const DerivationInput& input,
                                  const psa::KeyAttributes& attributes) override;
  Result<SecretBuffer> generate(std::size_t size) override;
  Result<Preparation> prepare(const KeyRecord* key) override;
  Result<Certificate> certify(const KeyRecord& key, ByteView qualifying_data) override;
  Result<Quote> quote(std::span<const PcrSelection> selections, ByteView qualifying_data) override;
  Result<SecretBuffer> activate_credential(const KeyRecord* key, ByteView credential_blob,
                                           ByteView secret) override;

  ProviderDescription description_;
};

}  // namespace strongroom::testing
