// Which status answers when a request is wrong in several ways: the order of the contract.
#include "tests/conformance/service/key_uses.h"
#include "tests/conformance/service/service_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;

// Key, flag, policy, type, lengths; each request has all that is wrong behind its first fault, too.
TEST_P(ServiceConformance, UsesFailInTheOrderOfTheContract) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    auto status_of = [&](const std::string& key) {
      auto result = use.run(client(), key, use.key.algorithm, Input::Lengths);
      return result ? Status::Success : result.error().status();
    };
    EXPECT_EQ(status_of(name("absent")), Status::PsaErrorDoesNotExist);
    struct Fault {
      std::string_view word;
      psa::KeyAttributes key;
    };
    psa::KeyAttributes no_flag = use.key;
    no_flag.usage = kNoUsage;
    no_flag.algorithm = psa::NoAlgorithm();
    psa::KeyAttributes no_policy = use.key;
    no_policy.algorithm = psa::NoAlgorithm();
    psa::KeyAttributes other_type = key_of(Kind::RawData, 128, use.key.algorithm);
    for (const auto& [word, key] : {Fault{"no flag", no_flag}, Fault{"no policy", no_policy},
                                    Fault{"other type", other_type}}) {
      std::string faulty = name(use.name) + std::string(word);
      if (!make(faulty, key)) continue;
      EXPECT_EQ(status_of(faulty), Status::PsaErrorNotPermitted) << word;
    }
    std::string good = name(use.name);
    if (!use.refuses_lengths || !make(good, use.key)) continue;
    EXPECT_EQ(status_of(good), Status::PsaErrorInvalidArgument);
    EXPECT_TRUE(was_permitted(use.run(client(), good, use.key.algorithm, Input::Good)));
  }
}

TEST_P(ServiceConformance, NamesThatAreNoneAreInvalidToEveryOperation) {
  const psa::KeyAttributes aes = key_of(Kind::Aes, 128, testing::kAesGcm);
  for (const std::string& bad : {std::string(), std::string(1025, 'x'), std::string("a\0b", 3)}) {
    auto invalid = FailsWith(Status::PsaErrorInvalidArgument);
    EXPECT_THAT(client().generate_key(bad, aes), invalid);
    EXPECT_THAT(client().import_key(bad, aes, counting(16)), invalid);
    EXPECT_THAT(client().destroy_key(bad), invalid);
    EXPECT_THAT(client().export_key(bad), invalid);
    EXPECT_THAT(client().export_public_key(bad), invalid);
    EXPECT_THAT(client().key_info(bad), invalid);
    for (const KeyUse& use : all_key_uses())
      EXPECT_THAT(use.run(client(), bad, use.key.algorithm, Input::Lengths), invalid) << use.name;
  }
}

TEST_P(ServiceConformance, NamesOfAnyTextUpTo1024BytesWork) {
  const psa::KeyAttributes pair = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256);
  std::string longest = name("");
  longest.resize(1024, 'x');
  for (const std::string& good : {longest, name("\n"), name("../../etc"), name("schlüssel 钥匙")}) {
    if (!make(good, pair)) GTEST_SKIP() << "no P-256";
    EXPECT_TRUE(listed(good));
    EXPECT_THAT(client().sign_hash(good, testing::kEcdsaSha256, counting(32)), IsOk());
  }
}

TEST_P(ServiceConformance, ATakenNameIsToldBeforeTheKeyIsLookedAt) {
  const psa::KeyAttributes pair = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256);
  if (!make(name("key"), pair)) GTEST_SKIP() << "no P-256";
  auto taken = FailsWith(Status::PsaErrorAlreadyExists);
  EXPECT_THAT(client().generate_key(name("key"), pair), taken);
  EXPECT_THAT(client().generate_key(name("key"), key_of(Kind::RsaPublicKey, 2048, {})), taken);
  EXPECT_THAT(client().import_key(name("key"), pair, view_of("no key")), taken);
}

TEST_P(ServiceConformance, WhatFailedLeavesTheNameFree) {
  psa::KeyAttributes aes = key_of(Kind::Aes, 128, testing::kAesGcm);
  EXPECT_FALSE(client().generate_key(name("key"), key_of(Kind::RsaPublicKey, 2048, {})));
  EXPECT_FALSE(client().generate_key(name("key"), key_of(Kind::Aes, 77, {})));
  EXPECT_FALSE(client().import_key(name("key"), aes, counting(17)));
  EXPECT_FALSE(listed(name("key")));
  EXPECT_THAT(client().destroy_key(name("key")), FailsWith(Status::PsaErrorDoesNotExist));
  if (!make(name("key"), aes)) GTEST_SKIP() << "no AES";
  EXPECT_TRUE(listed(name("key")));
}

TEST_P(ServiceConformance, ADestroyedKeyDoesNotExistToAnyOperation) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    if (!make(name(use.name), use.key)) continue;
    ASSERT_THAT(client().destroy_key(name(use.name)), IsOk());
    auto absent = FailsWith(Status::PsaErrorDoesNotExist);
    EXPECT_THAT(use.run(client(), name(use.name), use.key.algorithm, Input::Good), absent);
    EXPECT_THAT(client().destroy_key(name(use.name)), absent);
    EXPECT_THAT(client().export_key(name(use.name)), absent);
    EXPECT_THAT(client().export_public_key(name(use.name)), absent);
    EXPECT_THAT(client().key_info(name(use.name)), absent);
  }
}

}  // namespace
}  // namespace strongroom::conformance
