#include "providers/token_worker/protocol/values.h"

#include <gtest/gtest.h>

#include "providers/token_worker/protocol/start.h"
#include "tests/support/attributes.h"
#include "tests/support/matchers.h"

namespace strongroom::token_worker {
namespace {

template <typename T>
Bytes encoded(const T& value) {
  WipedBytes bytes;
  Writer writer(bytes);
  put_value(writer, value);
  return copy_of(bytes.view());
}

template <typename T>
void expect_same(const T& value) {
  const Bytes bytes = encoded(value);
  Reader reader(bytes);
  T again = take_value(reader, as<T>);
  EXPECT_TRUE(reader.is_complete());
  EXPECT_TRUE(again == value);
  EXPECT_EQ(encoded(again), bytes);
}

// Whatever is cut off its end makes no sense.
template <typename T>
void expect_no_shorter(const T& value) {
  const Bytes bytes = encoded(value);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Reader reader(ByteView(bytes).first(size));
    std::ignore = take_value(reader, as<T>);
    EXPECT_FALSE(reader.is_complete()) << size;
  }
}

std::vector<psa::Algorithm> algorithms() {
  using psa::Hash;
  return {psa::NoAlgorithm(),
          Hash::Sha256,
          psa::Mac{psa::Mac::Kind::Hmac, Hash::Sha3_512, 20},
          psa::Mac{psa::Mac::Kind::Cmac, {}, {}},
          psa::Cipher::Ctr,
          psa::Aead{psa::Aead::Kind::Gcm, 12},
          testing::kEcdsaSha256,
          psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::EcdsaAny, {}},
          testing::kOaepSha256,
          testing::kRawEcdh,
          psa::KeyAgreement{psa::RawKeyAgreement::Ecdh,
                            psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, Hash::Sha256}},
          psa::KeyDerivation{psa::KeyDerivation::Kind::Tls12Prf, Hash::Sha384},
          psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, Hash::Sha1}};
}

TEST(ValuesTest, AttributesOfEachAlgorithmAreTheSameOnTheOtherSide) {
  EXPECT_EQ(algorithms().back().index() + 1, std::variant_size_v<psa::Algorithm>);
  for (const psa::Algorithm& algorithm : algorithms()) {
    expect_same(testing::ecc_pair(algorithm));
    expect_same(testing::key_of(psa::KeyType::Kind::Aes, 256, algorithm));
    expect_no_shorter(testing::ecc_pair(algorithm));
  }
}

TEST(ValuesTest, EachUsageFlagIsCarriedByItself) {
  for (const Bytes& bytes :
       {encoded(testing::ecc_pair({}, {})), encoded(testing::ecc_pair({}, {.may_export = true})),
        encoded(testing::ecc_pair({}, {.unwrap = true}))}) {
    Reader reader(bytes);
    auto attributes = take_value(reader, as<psa::KeyAttributes>);
    EXPECT_EQ(encoded(attributes), bytes);
  }
  expect_same(testing::ecc_pair({}, {.sign_message = true, .derive = true}));
}

TEST(ValuesTest, NumbersThatNoEnumeratorHasAreRefused) {
  const Bytes good = encoded(testing::ecc_pair());
  int refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] = std::byte{0xee};
    Reader reader(bad);
    auto attributes = take_value(reader, as<psa::KeyAttributes>);
    const bool is_taken = reader.is_complete();
    refused += is_taken ? 0 : 1;
    EXPECT_TRUE(!is_taken || encoded(attributes) == bad) << i;
  }
  EXPECT_GE(refused, 16);
}

TEST(ValuesTest, ARecordCarriesWhatAFacetNeeds) {
  KeyRecord key{};
  key.attributes = testing::ecc_pair();
  key.material = *SecretBuffer::copy_of(view_of("material"));
  key.public_key = bytes_of("public");
  key.serial = 0x0102030405060708;
  const Bytes bytes = encoded(key);
  Reader reader(bytes);
  auto again = take_value(reader, as<KeyRecord>);
  ASSERT_TRUE(reader.is_complete());
  EXPECT_EQ(again.attributes, key.attributes);
  EXPECT_TRUE(again.material == key.material);
  EXPECT_EQ(again.public_key, key.public_key);
  EXPECT_EQ(again.serial, key.serial);
}

TEST(ValuesTest, AFailureHasAStatusThatMeansOne) {
  for (unsigned status : {0U, 23U, 999U, 1144U, 0xffffU}) {
    WipedBytes bytes;
    Writer writer(bytes);
    writer.put(static_cast<std::uint16_t>(status));
    writer.put(std::string_view("text"));
    Reader reader(bytes.view());
    std::ignore = take_value(reader, as<Error>);
    EXPECT_FALSE(reader.is_complete()) << status;
  }
}

TEST(ValuesTest, WordsOfAFailureAreFitForALogLine) {
  std::string words(5000, '\n');
  words += "x";
  const Bytes bytes = encoded(Error(Status::PsaErrorHardwareFailure, words));
  Reader reader(bytes);
  auto error = take_value(reader, as<Error>);
  ASSERT_TRUE(reader.is_complete());
  EXPECT_LE(error.message().size(), std::size_t{4 * 2048 + 8});
  EXPECT_EQ(error.message().find('\n'), std::string::npos);
  expect_no_shorter(Error(Status::PsaErrorHardwareFailure, "C_Sign: 0x30"));
}

TEST(ValuesTest, AListOfMoreThanTheMessageHasIsNoReasonToAskForMemory) {
  WipedBytes bytes;
  Writer writer(bytes);
  writer.put(std::uint32_t{0xffffffff});
  Reader reader(bytes.view());
  auto materials = take_value(reader, as<std::vector<SecretBuffer>>);
  EXPECT_FALSE(reader.is_complete());
  EXPECT_TRUE(materials.empty());
}

TEST(ValuesTest, TheFirstMessageCarriesWhatTheSettingsSay) {
  WorkerSettings settings;
  settings.token.uri = "pkcs11:token=keys?module-path=/usr/lib/module.so";
  settings.token.remembered = pkcs11::TokenIdentity{.label = "keys", .serial = "1"};
  settings.token.quirks = {"bare-points"};
  settings.token.creation = {.label = "ours", .allow_export = true, .always_authenticate = true};
  settings.sandbox = Sandbox::Usb;
  settings.paths = {"/var/lib/token"};
  settings.hidden->add({"/var/lib/strongroom"});
  settings.needs_landlock = false;
  settings.environment = {{"A", "1"}};
  const Start start = start_for("pkcs11", settings);
  const Bytes bytes = encoded(start);
  Reader reader(bytes);
  auto again = take_value(reader, as<Start>);
  ASSERT_TRUE(reader.is_complete());
  EXPECT_EQ(encoded(again), bytes);
  EXPECT_EQ(again.provider, "pkcs11");
  EXPECT_EQ(again.remembered, settings.token.remembered);
  EXPECT_EQ(again.paths, settings.paths);
  EXPECT_EQ(again.hidden, settings.hidden->all());
  EXPECT_EQ(again.environment.front(), settings.environment.front());
  const auto provider = provider_settings(again);
  EXPECT_EQ(provider.uri, settings.token.uri);
  EXPECT_EQ(provider.quirks, settings.token.quirks);
  EXPECT_TRUE(provider.creation.always_authenticate);
  expect_no_shorter(start);
}

}  // namespace
}  // namespace strongroom::token_worker
