// What a key may be used for: PSA Crypto API 1.1 §9.2, for every operation.
#include "tests/conformance/service/key_uses.h"
#include "tests/conformance/service/service_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;
using Flags = psa::UsageFlags;
using Signature = psa::AsymmetricSignature;

constexpr auto kNotPermitted = Status::PsaErrorNotPermitted;

// All flags but `flag`, and but the one that includes it.
Flags without(bool Flags::* flag) {
  Flags usage = testing::kAllUsages;
  usage.*flag = false;
  if (flag == &Flags::sign_message) usage.sign_hash = false;
  if (flag == &Flags::verify_message) usage.verify_hash = false;
  return usage;
}

TEST_P(ServiceConformance, EveryUseNeedsItsFlagAndNoOther) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    psa::KeyAttributes attributes = use.key;
    attributes.usage = kNoUsage;
    attributes.usage.*use.flag = true;
    std::string with = name(use.name) + " with";
    if (!make(with, attributes)) continue;
    EXPECT_TRUE(was_permitted(use.run(client(), with, use.key.algorithm, Input::Good)));
    attributes.usage = without(use.flag);
    std::string lacking = name(use.name) + " without";
    ASSERT_TRUE(make(lacking, attributes));
    EXPECT_THAT(use.run(client(), lacking, use.key.algorithm, Input::Good),
                FailsWith(kNotPermitted));
  }
}

TEST_P(ServiceConformance, AKeyForNoAlgorithmIsOfNoUse) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    psa::KeyAttributes attributes = use.key;
    attributes.algorithm = psa::NoAlgorithm();
    if (!make(name(use.name), attributes)) continue;
    EXPECT_THAT(use.run(client(), name(use.name), use.key.algorithm, Input::Good),
                FailsWith(kNotPermitted));
  }
}

// Permission to use hashes is permission to use messages, and is listed so.
TEST_P(ServiceConformance, PermissionForHashesIsShownToIncludeMessages) {
  auto attributes = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256,
                                 {.sign_hash = true, .verify_hash = true});
  if (!make(name("key"), attributes)) GTEST_SKIP() << "no P-256";
  auto key = listed(name("key"));
  ASSERT_TRUE(key);
  EXPECT_EQ(
      key->attributes.usage,
      (Flags{
          .sign_message = true, .verify_message = true, .sign_hash = true, .verify_hash = true}));
  auto signature = client().sign_message(name("key"), testing::kEcdsaSha256, view_of("text"));
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(
      client().verify_message(name("key"), testing::kEcdsaSha256, view_of("text"), *signature),
      IsOk());
}

TEST_P(ServiceConformance, AnyHashPermitsEveryHashOfItsKindAlone) {
  for (const auto& [kind, other, attributes] :
       {std::tuple(Signature::Kind::Ecdsa, Signature::Kind::DeterministicEcdsa,
                   curve_key_of(Kind::EccKeyPair, 256, {})),
        std::tuple(Signature::Kind::RsaPss, Signature::Kind::RsaPkcs1v15,
                   key_of(Kind::RsaKeyPair, 2048, {})),
        std::tuple(Signature::Kind::RsaPkcs1v15, Signature::Kind::RsaPss,
                   key_of(Kind::RsaKeyPair, 2048, {}))}) {
    psa::KeyAttributes open = attributes;
    open.algorithm = Signature{kind, std::nullopt};
    std::string key = name(psa::to_string(open.algorithm));
    SCOPED_TRACE(key);
    if (!make(key, open)) continue;
    for (psa::Hash hash : {psa::Hash::Sha256, psa::Hash::Sha384, psa::Hash::Sha512}) {
      Bytes digest(psa::digest_size(hash));
      EXPECT_THAT(client().sign_hash(key, {kind, hash}, digest), IsOk());
      EXPECT_THAT(client().sign_hash(key, {other, hash}, digest), FailsWith(kNotPermitted));
    }
    // A request has to name its hash.
    EXPECT_THAT(client().sign_hash(key, {kind, std::nullopt}, Bytes(32)), FailsWith(kNotPermitted));
    EXPECT_THAT(client().sign_message(key, {kind, std::nullopt}, Bytes(32)),
                FailsWith(kNotPermitted));
  }
}

struct Pair {
  psa::KeyAttributes key;  // without its algorithm
  psa::Algorithm permitted;
  psa::Algorithm other;  // of the same family, as near as can be
};

// Two each that are not the same, though they may look it.
std::vector<Pair> near_pairs() {
  using Mac = psa::Mac;
  using Aead = psa::Aead;
  using Encryption = psa::AsymmetricEncryption;
  const auto aes = key_of(Kind::Aes, 128, {});
  const auto hmac = key_of(Kind::Hmac, 256, {});
  const auto rsa = key_of(Kind::RsaKeyPair, 2048, {});
  const auto pair = curve_key_of(Kind::EccKeyPair, 256, {});
  const Mac full{Mac::Kind::Hmac, psa::Hash::Sha256, std::nullopt};
  const Mac whole{Mac::Kind::Hmac, psa::Hash::Sha256, 32};
  const Mac cut{Mac::Kind::Hmac, psa::Hash::Sha256, 16};
  const Aead with_default{Aead::Kind::Gcm, std::nullopt};
  const Aead with_all{Aead::Kind::Gcm, 16};
  const Aead shortened{Aead::Kind::Gcm, 12};
  const psa::KeyAgreement raw{psa::RawKeyAgreement::Ecdh, std::nullopt};
  const psa::KeyAgreement derived{
      psa::RawKeyAgreement::Ecdh,
      psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256}};
  return {
      {aes, with_default, with_all},
      {aes, with_all, with_default},
      {aes, with_all, shortened},
      {aes, with_default, Aead{Aead::Kind::Ccm, std::nullopt}},
      {aes, psa::Cipher::CbcNoPadding, psa::Cipher::CbcPkcs7},
      {aes, Mac{Mac::Kind::Cmac, {}, {}}, Mac{Mac::Kind::CbcMac, {}, {}}},
      {hmac, full, whole},
      {hmac, whole, full},
      {hmac, whole, cut},
      {hmac, full, Mac{Mac::Kind::Hmac, psa::Hash::Sha512, std::nullopt}},
      {rsa, Encryption{Encryption::Kind::RsaOaep, psa::Hash::Sha256},
       Encryption{Encryption::Kind::RsaOaep, psa::Hash::Sha384}},
      {rsa, Encryption{Encryption::Kind::RsaOaep, psa::Hash::Sha256},
       Encryption{Encryption::Kind::RsaPkcs1v15, std::nullopt}},
      {pair, testing::kEcdsaSha256, Signature{Signature::Kind::Ecdsa, psa::Hash::Sha3_256}},
      {pair, testing::kEcdsaSha256, Signature{Signature::Kind::EcdsaAny, std::nullopt}},
      {pair, Signature{Signature::Kind::EcdsaAny, std::nullopt}, testing::kEcdsaSha256},
      {pair, derived, raw},
  };
}

TEST_P(ServiceConformance, APolicyPermitsItsAlgorithmAndNoNeighbour) {
  int number = 0;
  for (const auto& [attributes, permitted, other] : near_pairs()) {
    SCOPED_TRACE(psa::to_string(permitted) + " and " + psa::to_string(other));
    psa::KeyAttributes with_policy = attributes;
    with_policy.algorithm = permitted;
    std::string key = name(std::to_string(++number));
    if (!make(key, with_policy)) continue;
    for (const KeyUse& use : all_key_uses()) {
      if (use.key.algorithm.index() != permitted.index()) continue;
      EXPECT_THAT(use.run(client(), key, other, Input::Good), FailsWith(kNotPermitted)) << use.name;
      bool is_of_a_signature = std::holds_alternative<Signature>(permitted);
      bool is_derivation =
          permitted == psa::Algorithm(psa::KeyAgreement{
                           psa::RawKeyAgreement::Ecdh,
                           psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256}});
      if (is_of_a_signature || is_derivation) continue;
      EXPECT_TRUE(was_permitted(use.run(client(), key, permitted, Input::Good))) << use.name;
    }
  }
}

TEST_P(ServiceConformance, ExportNeedsItsFlagUnlessTheKeyIsPublic) {
  auto pair = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256, kNoUsage);
  if (!make(name("pair"), pair)) GTEST_SKIP() << "no P-256";
  EXPECT_THAT(client().export_key(name("pair")), FailsWith(kNotPermitted));
  auto point = client().export_public_key(name("pair"));
  ASSERT_THAT(point, IsOk());
  auto public_key = curve_key_of(Kind::EccPublicKey, 256, testing::kEcdsaSha256, kNoUsage);
  ASSERT_THAT(client().import_key(name("public"), public_key, *point), IsOk());
  auto exported = client().export_key(name("public"));
  ASSERT_THAT(exported, IsOk());
  EXPECT_EQ(to_hex(*exported), to_hex(*point));
}

// An import's algorithm need not fit its key; then nothing can be done with it.
TEST_P(ServiceConformance, WhatDoesNotGoWithTheTypeIsNotPermittedThoughThePolicySaysSo) {
  for (const KeyUse& use : all_key_uses()) {
    SCOPED_TRACE(use.name);
    psa::KeyAttributes attributes = key_of(Kind::RawData, 128, use.key.algorithm);
    if (!client().import_key(name(use.name), attributes, counting(16))) continue;
    EXPECT_THAT(use.run(client(), name(use.name), use.key.algorithm, Input::Good),
                FailsWith(kNotPermitted));
  }
}

}  // namespace
}  // namespace strongroom::conformance
