// Keys outlive the process that made them.
#include <algorithm>
#include <vector>

#include "tests/conformance/service/key_uses.h"
#include "tests/conformance/service/service_conformance.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {
namespace {

TEST_P(ServiceConformance, KeysOfEveryTypeAreTheSameAfterARestart) {
  std::vector<KeyDetails> before;
  for (const auto& [type, bits] : testing::all_key_types()) {
    std::string key = name(psa::to_string(type, bits));
    psa::KeyAttributes attributes{type, bits, testing::kAllUsages, psa::NoAlgorithm()};
    if (!make(key, attributes)) continue;
    auto details = client().key_info(key);
    ASSERT_THAT(details, IsOk());
    before.push_back(*std::move(details));
  }
  ASSERT_FALSE(before.empty());
  restart(configuration());
  for (const KeyDetails& key : before) {
    SCOPED_TRACE(key.key.name);
    auto details = client().key_info(key.key.name);
    ASSERT_THAT(details, IsOk());
    EXPECT_EQ(details->key.attributes, key.key.attributes);
    EXPECT_EQ(to_hex(details->public_key), to_hex(key.public_key));
    EXPECT_EQ(details->created, key.created);
    Bytes data = fixed_key(key.key.attributes.type, key.key.attributes.bits);
    auto exported = client().export_key(key.key.name);
    if (exported && !data.empty()) {
      EXPECT_EQ(to_hex(*exported), to_hex(data));
    }
  }
}

TEST_P(ServiceConformance, KeysOfEveryUseWorkAfterARestartAndKnowTheirOwnWork) {
  std::vector<std::string_view> made;
  for (const KeyUse& use : all_key_uses())
    if (make(name(use.name), use.key)) made.push_back(use.name);
  Bytes nonce = counting(12);
  auto sealed =
      client().aead_encrypt(name("aead-encrypt"), testing::kAesGcm, nonce, {}, view_of("text"));
  auto signature =
      client().sign_message(name("sign-message"), testing::kEcdsaSha256, view_of("text"));
  restart(configuration());
  for (const KeyUse& use : all_key_uses()) {
    if (std::ranges::find(made, use.name) == made.end()) continue;
    EXPECT_TRUE(was_permitted(use.run(client(), name(use.name), use.key.algorithm, Input::Good)))
        << use.name;
  }
  if (sealed) {
    EXPECT_THAT(client().aead_decrypt(name("aead-encrypt"), testing::kAesGcm, nonce, {}, *sealed),
                IsOk());
  }
  if (signature) {
    EXPECT_THAT(client().verify_message(name("sign-message"), testing::kEcdsaSha256,
                                        view_of("text"), *signature),
                IsOk());
  }
}

TEST_P(ServiceConformance, ADestroyedKeyStaysAwayAfterARestart) {
  auto pair = curve_key_of(psa::KeyType::Kind::EccKeyPair, 256, testing::kEcdsaSha256);
  if (!make(name("key"), pair)) GTEST_SKIP() << "no P-256";
  ASSERT_THAT(client().destroy_key(name("key")), IsOk());
  restart(configuration());
  EXPECT_THAT(client().key_info(name("key")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_FALSE(listed(name("key")));
  EXPECT_TRUE(make(name("key"), pair));
}

}  // namespace
}  // namespace strongroom::conformance
