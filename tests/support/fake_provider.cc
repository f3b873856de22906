#include "tests/support/fake_provider.h"

#include <algorithm>
#include <new>
#include <utility>

namespace strongroom::testing {
namespace {

constexpr std::string_view kSigned = "signed:";
constexpr std::string_view kSealed = "sealed:";
constexpr std::string_view kMac = "mac:";
constexpr std::string_view kDerived = "derived:";

Bytes marked(std::string_view mark, ByteView bytes) {
  Bytes all = bytes_of(mark);
  all.insert(all.end(), bytes.begin(), bytes.end());
  return all;
}

Result<> expect_marked(std::string_view mark, ByteView bytes, ByteView claimed) {
  if (std::ranges::equal(marked(mark, bytes), claimed)) return {};
  return fail(Status::PsaErrorInvalidSignature, "not the mark of these bytes");
}

Result<SecretBuffer> unsealed(ByteView ciphertext) {
  if (!text_of(ciphertext).starts_with(kSealed))
    return fail(Status::PsaErrorInvalidSignature, "not sealed here");
  return SecretBuffer::copy_of(ciphertext.subspan(kSealed.size()));
}

class FakeHashInParts final : public HashInParts {
 public:
  FakeHashInParts(psa::Hash algorithm, FakeProvider& provider) noexcept
      : algorithm_(algorithm), provider_(provider) {}
  Result<> update(ByteView data) override {
    provider_.parts.pass({});
    if (provider_.is_out_of_memory) throw std::bad_alloc();
    if (!data.empty()) digest_.push_back(data.front());
    return {};
  }
  Result<Bytes> finish() override {
    digest_.resize(psa::digest_size(algorithm_), std::byte{'h'});
    return digest_;
  }

 private:
  const psa::Hash algorithm_;
  FakeProvider& provider_;
  Bytes digest_;
};

class FakeEncryptionInParts final : public EncryptionInParts {
 public:
  Result<Bytes> update(ByteView plaintext) override { return copy_of(plaintext); }
  Result<End> finish() override { return End{.ciphertext = {}, .tag = bytes_of("tag")}; }
};

class FakeDecryptionInParts final : public DecryptionInParts {
 public:
  Result<SecretBuffer> update(ByteView ciphertext) override {
    return SecretBuffer::copy_of(ciphertext);
  }
  Result<SecretBuffer> finish(ByteView tag) override {
    if (text_of(tag) == "tag") return SecretBuffer::of_size(0);
    return fail(Status::PsaErrorInvalidSignature, "not the tag");
  }
};

}  // namespace

void Gate::close() {
  std::lock_guard lock(mutex_);
  is_closed_ = true;
}

void Gate::open() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = false;
  }
  changed_.notify_all();
}

bool Gate::pass(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++entered_;
  changed_.notify_all();
  return changed_.wait(lock, stop, [this] { return !is_closed_; });
}

void Gate::await_entered(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return entered_ >= count; });
}

FakeProvider::FakeProvider(std::uint8_t id, std::string instance)
    : description_{.id = id,
                   .identity = {.uuid = kFakeUuid, .instance = std::move(instance)},
                   .description = "Fake provider",
                   .vendor = "Tests",
                   .version = {0, 1, 0}} {}

Result<> FakeProvider::supports(Capability capability, const psa::KeyAttributes& attributes) const {
  bool is_des = attributes.type.kind == psa::KeyType::Kind::Des;
  bool is_useless = capability == Capability::Use && attributes.usage == psa::UsageFlags();
  if (!is_des && !is_useless) return {};
  return fail(Status::PsaErrorNotSupported, "no DES, no use without a flag");
}

Result<NewKey> FakeProvider::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                      SecretBuffer /*material*/) {
  if (is_out_of_memory) throw std::bad_alloc();
  if (!generation.pass(stop)) return fail(Status::PsaErrorGenericError, "cancelled");
  if (attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "public keys are not generated");
  ++generated;
  return import(attributes, view_of("generated"), {});
}

Result<NewKey> FakeProvider::import(const psa::KeyAttributes& attributes, ByteView data,
                                    SecretBuffer /*material*/) {
  NewKey key{.attributes = attributes, .material = {}, .public_key = {}};
  if (key.attributes.bits == 0) key.attributes.bits = static_cast<std::uint32_t>(8 * data.size());
  if (attributes.type.is_public_key()) {
    key.public_key = copy_of(data);
    return key;
  }
  key.material = TRY(SecretBuffer::copy_of(data));
  if (attributes.type.is_key_pair()) key.public_key = bytes_of("public");
  return key;
}

Result<SecretBuffer> FakeProvider::export_key(const KeyRecord& key) {
  return SecretBuffer::copy_of(key.material.reveal());
}

Result<> FakeProvider::destroy(const KeyRecord&) {
  ++ended;
  return {};
}

Result<Bytes> FakeProvider::sign_hash(const KeyRecord&, const psa::AsymmetricSignature&,
                                      ByteView hash) {
  signing.pass({});
  if (is_out_of_memory) throw std::bad_alloc();
  ++signatures;
  return marked(kSigned, hash);
}

Result<> FakeProvider::verify_hash(const KeyRecord&, const psa::AsymmetricSignature&, ByteView hash,
                                   ByteView signature) {
  return expect_marked(kSigned, hash, signature);
}

Result<Bytes> FakeProvider::sign_message(const KeyRecord&, const psa::AsymmetricSignature&,
                                         ByteView message) {
  ++signatures;
  return marked(kSigned, message);
}

Result<> FakeProvider::verify_message(const KeyRecord&, const psa::AsymmetricSignature&,
                                      ByteView message, ByteView signature) {
  return expect_marked(kSigned, message, signature);
}

Result<Bytes> FakeProvider::encrypt(const KeyRecord&, const psa::AsymmetricEncryption&,
                                    ByteView plaintext, ByteView) {
  return marked(kSealed, plaintext);
}

Result<SecretBuffer> FakeProvider::decrypt(const KeyRecord&, const psa::AsymmetricEncryption&,
                                           ByteView ciphertext, ByteView) {
  return unsealed(ciphertext);
}

Result<Bytes> FakeProvider::encrypt(const KeyRecord&, const psa::Aead&, const AeadInput&,
                                    ByteView plaintext) {
  return marked(kSealed, plaintext);
}

Result<SecretBuffer> FakeProvider::decrypt(const KeyRecord&, const psa::Aead&, const AeadInput&,
                                           ByteView ciphertext) {
  return unsealed(ciphertext);
}

Result<std::unique_ptr<EncryptionInParts>> FakeProvider::begin_encryption(const KeyRecord&,
                                                                          const psa::Aead&,
                                                                          const AeadInput&) {
  return std::make_unique<FakeEncryptionInParts>();
}

Result<std::unique_ptr<DecryptionInParts>> FakeProvider::begin_decryption(const KeyRecord&,
                                                                          const psa::Aead&,
                                                                          const AeadInput&) {
  return std::make_unique<FakeDecryptionInParts>();
}

Result<Bytes> FakeProvider::encrypt(const KeyRecord&, psa::Cipher, ByteView plaintext) {
  return marked(kSealed, plaintext);
}

Result<SecretBuffer> FakeProvider::decrypt(const KeyRecord&, psa::Cipher, ByteView ciphertext) {
  return unsealed(ciphertext);
}

Result<Bytes> FakeProvider::compute(const KeyRecord&, const psa::Mac&, ByteView input) {
  return marked(kMac, input);
}

Result<> FakeProvider::verify(const KeyRecord&, const psa::Mac&, ByteView input, ByteView mac) {
  return expect_marked(kMac, input, mac);
}

Result<Bytes> FakeProvider::compute(psa::Hash algorithm, ByteView) {
  return Bytes(psa::digest_size(algorithm), std::byte{'h'});
}

Result<std::unique_ptr<HashInParts>> FakeProvider::begin(psa::Hash algorithm) {
  return std::make_unique<FakeHashInParts>(algorithm, *this);
}

Result<SecretBuffer> FakeProvider::agree(const KeyRecord&, psa::RawKeyAgreement, ByteView peer) {
  return SecretBuffer::copy_of(peer);
}

Result<Bytes> FakeProvider::wrap(const KeyRecord&, const psa::KeyWrap&, const KeyRecord& key) {
  return marked(kSealed, key.attributes.type.is_public_key() ? ByteView(key.public_key)
                                                             : key.material.reveal());
}

Result<NewKey> FakeProvider::unwrap(const KeyRecord&, const psa::KeyWrap&, ByteView wrapped,
                                    const psa::KeyAttributes& attributes) {
  SecretBuffer data = TRY(unsealed(wrapped));
  return import(attributes, data.reveal(), {});
}

Result<NewKey> FakeProvider::derive(const KeyRecord& secret, const psa::KeyDerivation&,
                                    const DerivationInput& input,
                                    const psa::KeyAttributes& attributes) {
  return import(attributes, marked(kDerived, marked(text_of(secret.material.reveal()), input.salt)),
                {});
}

Result<NewKey> FakeProvider::agree_and_derive(const KeyRecord&, const psa::KeyAgreement&,
                                              ByteView peer, const DerivationInput&,
                                              const psa::KeyAttributes& attributes) {
  return import(attributes, marked(kDerived, peer), {});
}

Result<SecretBuffer> FakeProvider::generate(std::size_t size) {
  return SecretBuffer::of_size(size);
}

Result<Attester::Preparation> FakeProvider::prepare(const KeyRecord* key) {
  return Preparation{.name = bytes_of(key == nullptr ? "own name" : "name"),
                     .public_area = bytes_of("area"),
                     .attesting_key = bytes_of("attester")};
}

Result<SecretBuffer> FakeProvider::activate_credential(const KeyRecord*, ByteView credential_blob,
                                                       ByteView) {
  return SecretBuffer::copy_of(credential_blob);
}

Result<Attester::Certificate> FakeProvider::certify(const KeyRecord&, ByteView qualifying_data) {
  return Certificate{.statement = {.attest = marked("certified:", qualifying_data),
                                   .signature = bytes_of("signature"),
                                   .attestation_key = bytes_of("attestation key")},
                     .public_area = bytes_of("area")};
}

Result<Attester::Quote> FakeProvider::quote(std::span<const PcrSelection> selections,
                                            ByteView qualifying_data) {
  Quote quote{.statement = {.attest = marked("quoted:", qualifying_data),
                            .signature = bytes_of("signature"),
                            .attestation_key = bytes_of("attestation key")},
              .values = {}};
  for (const PcrSelection& selection : selections)
    quote.values.resize(quote.values.size() + selection.registers.size(), bytes_of("value"));
  return quote;
}

}  // namespace strongroom::testing
