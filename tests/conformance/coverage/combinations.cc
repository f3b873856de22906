#include "tests/conformance/coverage/combinations.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;

bool is_block_cipher(Kind kind) {
  return kind == Kind::Aes || kind == Kind::Camellia || kind == Kind::Des;
}

struct GoesWith {
  const psa::KeyType& type;

  bool operator()(const psa::NoAlgorithm&) const { return false; }
  bool operator()(const psa::Hash&) const { return false; }
  bool operator()(const psa::Mac& mac) const {
    return mac.kind == psa::Mac::Kind::Hmac ? type.kind == Kind::Hmac : is_block_cipher(type.kind);
  }
  bool operator()(psa::Cipher cipher) const {
    if (cipher != psa::Cipher::StreamCipher) return is_block_cipher(type.kind);
    return type.kind == Kind::Chacha20 || type.kind == Kind::Arc4;
  }
  bool operator()(const psa::Aead& aead) const {
    if (aead.kind == psa::Aead::Kind::Chacha20Poly1305) return type.kind == Kind::Chacha20;
    return is_block_cipher(type.kind);
  }
  bool operator()(const psa::AsymmetricSignature& signature) const {
    using Signature = psa::AsymmetricSignature::Kind;
    if (signature.kind <= Signature::RsaPss) return type.is_rsa();
    bool is_edwards = type.curve_family == psa::EccFamily::TwistedEdwards;
    return type.is_ecc() && is_edwards == (signature.kind == Signature::PureEddsa);
  }
  bool operator()(const psa::AsymmetricEncryption&) const { return type.is_rsa(); }
  bool operator()(const psa::KeyAgreement& agreement) const {
    bool is_edwards = type.curve_family == psa::EccFamily::TwistedEdwards;
    return agreement.raw == psa::RawKeyAgreement::Ffdh ? type.is_dh()
                                                       : type.is_ecc() && !is_edwards;
  }
  bool operator()(const psa::KeyDerivation&) const { return type.kind == Kind::Derive; }
  bool operator()(const psa::KeyWrap& wrap) const {
    return wrap.kind == psa::KeyWrap::Kind::AesKwp ? type.kind == Kind::Aes : type.is_rsa();
  }
};

// Of an algorithm without its hash and lengths, unique among those of its family.
struct NumberOfKind {
  int operator()(const psa::NoAlgorithm&) const { return 0; }
  int operator()(const psa::Hash&) const { return 0; }
  int operator()(psa::Cipher cipher) const { return std::to_underlying(cipher); }
  int operator()(const psa::KeyAgreement& agreement) const {
    return std::to_underlying(agreement.raw);
  }
  template <typename Algorithm>
  int operator()(const Algorithm& algorithm) const {
    return std::to_underlying(algorithm.kind);
  }
};

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
    return (usage.sign_hash && is_served(signer->sign_hash(key, algorithm, hash))) ||
           (usage.sign_message && is_served(signer->sign_message(key, algorithm, hash))) ||
           (usage.verify_hash && is_served(signer->verify_hash(key, algorithm, hash, signature))) ||
           (usage.verify_message &&
            is_served(signer->verify_message(key, algorithm, hash, signature)));
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
    if (algorithm.derivation) return agrees_and_derives(algorithm);
    KeyAgreer* agreer = provider.key_agreer();
    if (agreer == nullptr || !usage.derive) return false;
    return is_served(agreer->agree(key, algorithm.raw, key.public_key));
  }
  bool operator()(const psa::KeyDerivation& algorithm) const {
    KeyDeriver* deriver = provider.key_deriver();
    if (deriver == nullptr || !usage.derive) return false;
    return is_served(deriver->derive(key, algorithm, {}, kSomeSecret));
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

 private:
  static constexpr psa::KeyAttributes kSomeSecret{
      {psa::KeyType::Kind::RawData, {}}, 256, {}, psa::NoAlgorithm()};

  bool agrees_and_derives(const psa::KeyAgreement& algorithm) const {
    KeyDeriver* deriver = provider.key_deriver();
    if (deriver == nullptr || !usage.derive) return false;
    return is_served(deriver->agree_and_derive(key, algorithm, key.public_key, {}, kSomeSecret));
  }
};

// Behind an agreement one hash stands for all.
bool is_worth_every_size(const psa::Algorithm& algorithm) {
  const auto* agreement = std::get_if<psa::KeyAgreement>(&algorithm);
  return agreement == nullptr || !agreement->derivation ||
         agreement->derivation->hash == psa::Hash::Sha256;
}

// By its name, in which its hash stands.
bool has_deprecated_hash(const psa::Algorithm& algorithm) {
  const std::string name = psa::to_string(algorithm) + "-";
  return name.contains("md2-") || name.contains("md4-") || name.contains("md5-") ||
         name.contains("sha1-");
}

}  // namespace

bool goes_with(const psa::Algorithm& algorithm, const psa::KeyType& type) {
  return std::visit(GoesWith{type}, algorithm);
}

std::vector<KeyToTry> keys_to_try(Extent extent) {
  const std::vector<psa::Algorithm> algorithms = testing::all_algorithms();
  std::vector<KeyToTry> keys;
  std::set<std::tuple<std::string, std::size_t, int>> seen;  // type, family and kind
  for (const testing::TypeAndBits& key : testing::all_key_types()) {
    KeyToTry row{key, {}};
    for (const psa::Algorithm& algorithm : algorithms) {
      bool is_new = seen.emplace(psa::to_string(key.type, 0), algorithm.index(),
                                 std::visit(NumberOfKind(), algorithm))
                        .second;
      bool is_tried = goes_with(algorithm, key.type) ? is_worth_every_size(algorithm) : is_new;
      if (extent == Extent::DeprecatedBehindPolicy)
        is_tried &= key.type.kind == Kind::Des || key.type.kind == Kind::Arc4 ||
                    has_deprecated_hash(algorithm);
      if (extent == Extent::All || is_tried) row.algorithms.push_back(algorithm);
    }
    keys.push_back(std::move(row));
  }
  return keys;
}

std::vector<psa::UsageFlags> flags_to_try(Extent extent) {
  std::vector<psa::UsageFlags> flags = testing::all_single_flags();
  if (extent != Extent::All)
    std::erase_if(flags, [](const psa::UsageFlags& usage) {
      return usage.may_export || usage.copy || usage.cache;
    });
  return flags;
}

bool works(Provider& provider, const KeyRecord& key, const psa::UsageFlags& usage,
           const psa::Algorithm& algorithm) {
  return std::visit(Attempt{provider, key, usage}, algorithm);
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& body) {
  constexpr int kThreads = 4;
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < count; at = next++)
        body(at);
    });
}

}  // namespace strongroom::conformance
