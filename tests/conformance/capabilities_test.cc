// What CanDoCrypto says is what happens: every key type, size, algorithm and usage flag of the
// contract is asked about and then tried.
#include <algorithm>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {
namespace {

using testing::all_algorithms;
using testing::all_key_types;
using testing::all_single_flags;

// An operation that gets as far as finding the caller's data wrong is served.
template <typename T>
bool is_served(const Result<T>& result) {
  if (result) return true;
  return result.error().status() == Status::PsaErrorInvalidSignature ||
         result.error().status() == Status::PsaErrorInvalidPadding;
}

// Tries what one usage flag permits with an algorithm.
struct Attempt {
  Provider& provider;
  const KeyRecord& key;
  const psa::UsageFlags& usage;

  bool operator()(psa::AsymmetricSignature algorithm) const {
    Signer* signer = provider.signer();
    if (signer == nullptr) return false;
    if (algorithm.takes_hash() && !algorithm.hash) algorithm.hash = psa::Hash::Sha256;
    Bytes hash(algorithm.hash ? psa::digest_size(*algorithm.hash) : 32);
    Bytes signature(key.attributes.type.is_rsa() ? key.attributes.bits / 8 : 64);
    if (usage.sign_hash) return is_served(signer->sign_hash(key, algorithm, hash));
    if (usage.sign_message) return is_served(signer->sign_message(key, algorithm, hash));
    if (usage.verify_hash) return is_served(signer->verify_hash(key, algorithm, hash, signature));
    if (usage.verify_message)
      return is_served(signer->verify_message(key, algorithm, hash, signature));
    return false;
  }
  bool operator()(const psa::AsymmetricEncryption& algorithm) const {
    Encrypter* encrypter = provider.encrypter();
    if (encrypter == nullptr) return false;
    if (usage.encrypt) return is_served(encrypter->encrypt(key, algorithm, view_of("x"), {}));
    if (usage.decrypt)
      return is_served(encrypter->decrypt(key, algorithm, Bytes(key.attributes.bits / 8), {}));
    return false;
  }
  bool operator()(const psa::Aead& algorithm) const {
    AeadCipher* aead = provider.aead();
    if (aead == nullptr) return false;
    AeadInput input{view_of("twelve bytes"), {}};
    if (usage.encrypt) return is_served(aead->encrypt(key, algorithm, input, view_of("x")));
    if (usage.decrypt) return is_served(aead->decrypt(key, algorithm, input, Bytes(32)));
    return false;
  }
  bool operator()(psa::Cipher algorithm) const {
    Cipher* cipher = provider.cipher();
    if (cipher == nullptr) return false;
    if (usage.encrypt) return is_served(cipher->encrypt(key, algorithm, Bytes(32)));
    if (usage.decrypt) return is_served(cipher->decrypt(key, algorithm, Bytes(48)));
    return false;
  }
  bool operator()(const psa::Mac& algorithm) const {
    MacSigner* mac = provider.mac();
    if (mac == nullptr) return false;
    if (usage.sign_message) return is_served(mac->compute(key, algorithm, Bytes(32)));
    if (usage.verify_message) return is_served(mac->verify(key, algorithm, Bytes(32), Bytes(16)));
    return false;
  }
  bool operator()(const psa::KeyAgreement& algorithm) const {
    KeyAgreer* agreer = provider.key_agreer();
    if (agreer == nullptr || algorithm.derivation || !usage.derive) return false;
    return is_served(agreer->agree(key, algorithm.raw, key.public_key));
  }
  bool operator()(const psa::KeyWrap& algorithm) const {
    KeyWrapper* wrapper = provider.key_wrapper();
    if (wrapper == nullptr) return false;
    if (usage.wrap) return is_served(wrapper->wrap(key, algorithm, key));
    std::size_t in_front = algorithm.hash ? key.attributes.bits / 8 : 0;
    psa::KeyAttributes any{{psa::KeyType::Kind::RawData, {}}, 0, {}, psa::NoAlgorithm()};
    return usage.unwrap && is_served(wrapper->unwrap(key, algorithm, Bytes(in_front + 16), any));
  }
  // No operation of the contract uses a key with these.
  bool operator()(const psa::NoAlgorithm&) const { return false; }
  bool operator()(const psa::Hash&) const { return false; }
  bool operator()(const psa::KeyDerivation&) const { return false; }
};

std::string named(const psa::KeyAttributes& attributes) {
  return to_string(attributes.type, attributes.bits) + " " + to_string(attributes.algorithm);
}

TEST_P(ProviderConformance, UsesAreSupportedExactlyWhenTheyWork) {
  const auto algorithms = all_algorithms();
  const auto flags = all_single_flags();
  for (const auto& [type, bits] : all_key_types()) {
    auto key = some_key(type, bits);
    for (const psa::Algorithm& algorithm : algorithms) {
      for (const psa::UsageFlags& usage : flags) {
        psa::KeyAttributes attributes{type, bits, usage, algorithm};
        bool works = key && std::visit(Attempt{provider(), *key, usage}, algorithm);
        auto answer = provider().supports(Capability::Use, attributes);
        EXPECT_EQ(answer.has_value(), works) << named(attributes);
        if (!answer) {
          EXPECT_EQ(answer.error().status(), Status::PsaErrorNotSupported);
        }
      }
    }
  }
}

// Generation is asked to stop at once: what is made at all then answers that it was stopped.
TEST_P(ProviderConformance, GenerationIsSupportedExactlyWhenItWorks) {
  if (provider().keys() == nullptr) GTEST_SKIP() << "no key manager";
  std::stop_source stop;
  stop.request_stop();
  for (const auto& [type, bits] : all_key_types()) {
    psa::KeyAttributes attributes = attributes_of(type, bits);
    auto made = provider().keys()->generate(attributes, stop.get_token());
    bool works = made || made.error().status() == Status::PsaErrorGenericError;
    if (made) store(*std::move(made));
    EXPECT_EQ(provider().supports(Capability::Generate, attributes).has_value(), works)
        << named(attributes);
  }
}

TEST_P(ProviderConformance, ImportIsSupportedExactlyWhenItWorks) {
  if (provider().keys() == nullptr) GTEST_SKIP() << "no key manager";
  for (const auto& [type, bits] : all_key_types()) {
    psa::KeyAttributes attributes = attributes_of(type, bits);
    Bytes data = fixed_key(type, bits);
    if (data.empty()) data.resize((bits + 7) / 8, std::byte{1});
    auto made = provider().keys()->import(attributes, data);
    EXPECT_EQ(provider().supports(Capability::Import, attributes).has_value(), made.has_value())
        << named(attributes);
    if (made) store(*std::move(made));
  }
}

TEST_P(ProviderConformance, GenerationForAnAlgorithmNeedsAUseOfIt) {
  const auto algorithms = all_algorithms();
  for (const auto& [type, bits] : all_key_types()) {
    for (const psa::Algorithm& algorithm : algorithms) {
      if (std::holds_alternative<psa::NoAlgorithm>(algorithm)) continue;
      bool generates = can(Capability::Generate, type, bits);
      bool imports = can(Capability::Import, type, bits);
      bool uses = can(Capability::Use, type, bits, algorithm);
      EXPECT_EQ(can(Capability::Generate, type, bits, algorithm), generates && uses);
      EXPECT_EQ(can(Capability::Import, type, bits, algorithm), imports && uses);
    }
  }
}

TEST_P(ProviderConformance, NoSizeStandsForAnySize) {
  const auto types = all_key_types();
  for (Capability capability : {Capability::Use, Capability::Generate, Capability::Import}) {
    for (const psa::Algorithm& algorithm : all_algorithms()) {
      for (const auto& asked : types) {
        bool works_with_some_size = std::ranges::any_of(types, [&](const auto& other) {
          return other.type == asked.type && can(capability, other.type, other.bits, algorithm);
        });
        EXPECT_EQ(can(capability, asked.type, 0, algorithm), works_with_some_size)
            << to_string(asked.type, 0) << " " << to_string(algorithm);
      }
    }
  }
}

}  // namespace
}  // namespace strongroom::conformance
