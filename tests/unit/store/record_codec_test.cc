#include "service/store/sealed/record_codec.h"

#include <random>

#include <gmock/gmock.h>

#include "tests/support/contract_values.h"
#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

using psa::KeyType;

psa::KeyAttributes attributes_with(psa::Algorithm algorithm) {
  return {.type = {.kind = KeyType::Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1},
          .bits = 256,
          .usage = {.may_export = true, .derive = true},
          .algorithm = algorithm};
}

SecretBuffer encoded(const psa::KeyAttributes& attributes) {
  Result<SecretBuffer> plaintext =
      encode_content(attributes, view_of("material"), view_of("public"));
  EXPECT_THAT(plaintext, IsOk());
  return plaintext ? *std::move(plaintext) : SecretBuffer();
}

TEST(RecordCodecTest, DecodesWhatItEncodes) {
  for (const psa::Algorithm& algorithm : all_algorithms()) {
    psa::KeyAttributes attributes = attributes_with(algorithm);
    Result<RecordContent> content = decode_content(encoded(attributes).reveal());
    ASSERT_THAT(content, IsOk()) << psa::to_string(algorithm);
    EXPECT_EQ(content->attributes, attributes);
    EXPECT_EQ(text_of(content->material.reveal()), "material");
    EXPECT_EQ(content->public_key, bytes_of("public"));
  }
}

TEST(RecordCodecTest, KeepsEachUsageFlagAndKeyType) {
  psa::KeyAttributes attributes = attributes_with(psa::NoAlgorithm());
  for (auto flag : {&psa::UsageFlags::may_export, &psa::UsageFlags::copy, &psa::UsageFlags::cache,
                    &psa::UsageFlags::encrypt, &psa::UsageFlags::decrypt,
                    &psa::UsageFlags::sign_message, &psa::UsageFlags::verify_message,
                    &psa::UsageFlags::sign_hash, &psa::UsageFlags::verify_hash,
                    &psa::UsageFlags::derive, &psa::UsageFlags::wrap, &psa::UsageFlags::unwrap}) {
    attributes.usage = {};
    attributes.usage.*flag = true;
    EXPECT_EQ(decode_content(encoded(attributes).reveal())->attributes, attributes);
  }
  attributes.drawn_nonce_only = true;
  EXPECT_EQ(decode_content(encoded(attributes).reveal())->attributes, attributes);
  for (int kind = 1; kind <= 14; ++kind) {
    attributes.type = {.kind = static_cast<KeyType::Kind>(kind), .curve_family = std::nullopt};
    if (attributes.type.is_ecc()) attributes.type.curve_family = psa::EccFamily::TwistedEdwards;
    EXPECT_EQ(decode_content(encoded(attributes).reveal())->attributes, attributes);
  }
}

TEST(RecordCodecTest, RefusesEveryCutAndEveryExtension) {
  SecretBuffer plaintext = encoded(attributes_with(psa::Hash::Sha256));
  for (std::size_t size = 0; size < plaintext.size(); ++size)
    EXPECT_THAT(decode_content(plaintext.reveal().first(size)),
                FailsWith(Status::PsaErrorDataCorrupt));
  Bytes longer = copy_of(plaintext.reveal());
  longer.push_back(std::byte{});
  EXPECT_THAT(decode_content(longer), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(RecordCodecTest, RefusesAttributesThatNoKeyHas) {
  psa::KeyAttributes attributes = attributes_with(psa::Mac{.kind = psa::Mac::Kind::Hmac});
  EXPECT_THAT(encode_content(attributes, {}, {}), FailsWith(Status::PsaErrorInvalidArgument));
  attributes = attributes_with(psa::NoAlgorithm());
  attributes.bits = 0;
  EXPECT_THAT(encode_content(attributes, {}, {}), FailsWith(Status::PsaErrorInvalidArgument));
}

// What decodes at all encodes to the same bytes: there is one encoding of a value.
TEST(RecordCodecTest, AnyBytesGiveARecordOrAnError) {
  std::mt19937 random(1);
  for (const psa::Algorithm& algorithm : all_algorithms()) {
    Bytes original = copy_of(encoded(attributes_with(algorithm)).reveal());
    for (int round = 0; round < 100; ++round) {
      Bytes bytes = original;
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      Result<RecordContent> content = decode_content(bytes);
      if (!content) continue;
      Result<SecretBuffer> again =
          encode_content(content->attributes, content->material.reveal(), content->public_key);
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(copy_of(again->reveal()), bytes);
    }
  }
}

}  // namespace
}  // namespace strongroom::testing
