#include "tests/conformance/provider_conformance.h"

#include <openssl/err.h>

#include "tests/conformance/fixed_keys.h"
#include "tests/support/stored_key.h"

namespace strongroom::conformance {

psa::KeyAttributes attributes_of(const psa::KeyType& type, std::uint32_t bits,
                                 const psa::Algorithm& algorithm) {
  return {.type = type, .bits = bits, .usage = testing::kAllUsages, .algorithm = algorithm};
}

Bytes with_flipped_bit(ByteView bytes, std::size_t at) {
  Bytes flipped = copy_of(bytes);
  flipped.at(at) ^= std::byte{1};
  return flipped;
}

void ProviderConformance::SetUp() {
  auto created = GetParam().create();
  ASSERT_THAT(created, IsOk());
  provider_ = *std::move(created);
}

void ProviderConformance::TearDown() {
  // Whatever is left in OpenSSL's queue would be taken for the cause of a later failure.
  EXPECT_EQ(ERR_peek_error(), 0U) << ERR_reason_error_string(ERR_peek_error());
  for (const KeyRecordPtr& record : stored_)
    EXPECT_THAT(provider_->keys()->destroy(*record), IsOk());
}

bool ProviderConformance::can(Capability capability, const psa::KeyType& type, std::uint32_t bits,
                              const psa::Algorithm& algorithm) {
  return provider_->supports(capability, attributes_of(type, bits, algorithm)).has_value();
}

bool ProviderConformance::has_labels(const KeyRecord& key,
                                     const psa::AsymmetricEncryption& algorithm) {
  if (!algorithm.hash) return false;
  const Bytes label(1);
  auto encrypted = provider_->encrypter()->encrypt(key, algorithm, view_of("x"), label);
  return encrypted || encrypted.error().status() != Status::PsaErrorNotSupported;
}

KeyRecordPtr ProviderConformance::store(NewKey key) {
  KeyRecordPtr record = testing::stored(std::move(key), stored_.size() + 1,
                                        {.application = {.authenticator = 3, .name = "1000"},
                                         .provider = provider_->description().identity,
                                         .name = "key"});
  stored_.push_back(record);
  return record;
}

KeyRecordPtr ProviderConformance::imported(const psa::KeyAttributes& attributes, ByteView data) {
  auto key = provider_->keys()->import(attributes, data);
  EXPECT_THAT(key, IsOk());
  return key ? store(*std::move(key)) : nullptr;
}

Result<Bytes> ProviderConformance::data_of(Result<NewKey> made) {
  if (!made) return std::unexpected(std::move(made).error());
  auto data = TRY(provider_->keys()->export_key(*store(*std::move(made))));
  return copy_of(data.reveal());
}

Result<Bytes> ProviderConformance::derived(const KeyRecord& secret,
                                           const psa::KeyDerivation& algorithm,
                                           const DerivationInput& input, const psa::KeyType& type,
                                           std::uint32_t bits) {
  return data_of(
      provider_->key_deriver()->derive(secret, algorithm, input, attributes_of(type, bits)));
}

KeyRecordPtr ProviderConformance::some_key(const psa::KeyType& type, std::uint32_t bits) {
  auto [row, is_new] = some_keys_.try_emplace(to_string(type, bits));
  if (is_new) row->second = make_some_key(type, bits);
  return row->second;
}

KeyRecordPtr ProviderConformance::make_some_key(const psa::KeyType& type, std::uint32_t bits) {
  KeyManager* keys = provider_->keys();
  if (keys == nullptr) return nullptr;
  psa::KeyAttributes attributes = attributes_of(type, bits);
  Bytes data = fixed_key(type, bits);
  if (!data.empty() && provider_->supports(Capability::Import, attributes))
    return imported(attributes, data);
  auto key = keys->generate(attributes, {});
  return key ? store(*std::move(key)) : nullptr;
}

}  // namespace strongroom::conformance
