#include <thread>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

constexpr std::array kHashes = {psa::Hash::Md5,      psa::Hash::Ripemd160,  psa::Hash::Sha1,
                                psa::Hash::Sha224,   psa::Hash::Sha256,     psa::Hash::Sha384,
                                psa::Hash::Sha512,   psa::Hash::Sha512_224, psa::Hash::Sha512_256,
                                psa::Hash::Sha3_224, psa::Hash::Sha3_256,   psa::Hash::Sha3_384,
                                psa::Hash::Sha3_512};

constexpr psa::AsymmetricSignature kPkcs1Raw{Kind::RsaPkcs1v15Raw, std::nullopt};
constexpr psa::AsymmetricSignature kEcdsaAny{Kind::EcdsaAny, std::nullopt};

struct Case {
  psa::KeyType type;
  std::uint32_t bits;
  psa::AsymmetricSignature algorithm;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (psa::Hash hash : kHashes) {
    for (std::uint32_t bits : {256U, 384U, 521U})
      for (Kind kind : {Kind::Ecdsa, Kind::DeterministicEcdsa})
        cases.push_back({kEcPair, bits, {kind, hash}});
    for (std::uint32_t bits : {2048U, 3072U, 4096U})
      for (Kind kind : {Kind::RsaPkcs1v15, Kind::RsaPss})
        cases.push_back({kRsaPair, bits, {kind, hash}});
  }
  return cases;
}

std::size_t signature_size(const Case& test) {
  return test.type == kRsaPair ? test.bits / 8 : 2 * ((test.bits + 7) / 8);
}

TEST_P(ProviderConformance, SignaturesVerifyInOpensslAndHaveTheirFixedLength) {
  Signer* signer = provider().signer();
  if (signer == nullptr) GTEST_SKIP() << "no signer";
  for (const Case& test : all_cases()) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    SCOPED_TRACE(to_string(test.type, test.bits) + " " + to_string(test.algorithm));
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    Bytes hash = oracle::digest(*test.algorithm.hash, view_of("message"));
    auto of_hash = signer->sign_hash(*key, test.algorithm, hash);
    auto of_message = signer->sign_message(*key, test.algorithm, view_of("message"));
    for (const auto& signature : {of_hash, of_message}) {
      ASSERT_THAT(signature, IsOk());
      EXPECT_EQ(signature->size(), signature_size(test));
      EXPECT_TRUE(oracle::verifies(test.type, test.bits, key->public_key, test.algorithm, hash,
                                   *signature));
      EXPECT_THAT(signer->verify_hash(*key, test.algorithm, hash, *signature), IsOk());
      EXPECT_THAT(signer->verify_message(*key, test.algorithm, view_of("message"), *signature),
                  IsOk());
    }
  }
}

// r and s are shorter than the order now and then; their zeros belong to the format.
TEST_P(ProviderConformance, EcdsaSignaturesKeepLeadingZeros) {
  if (!can(Capability::Use, kEcPair, 256, kEcdsaSha256)) GTEST_SKIP() << "no ECDSA on P-256";
  auto key = some_key(kEcPair, 256);
  ASSERT_NE(key, nullptr);
  Bytes hash = oracle::digest(psa::Hash::Sha256, {});
  int with_zero = 0;
  for (int round = 0; round < 3000 && with_zero < 2; ++round) {
    auto signature = provider().signer()->sign_hash(*key, kEcdsaSha256, hash);
    ASSERT_THAT(signature, IsOk());
    ASSERT_EQ(signature->size(), 64U);
    if (signature->at(0) != std::byte{0} && signature->at(32) != std::byte{0}) continue;
    ++with_zero;
    EXPECT_TRUE(oracle::verifies(kEcPair, 256, key->public_key, kEcdsaSha256, hash, *signature));
    EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaSha256, hash, *signature), IsOk());
  }
  EXPECT_GT(with_zero, 0);
}

TEST_P(ProviderConformance, ChangedSignaturesAndHashesAreInvalidSignatures) {
  Signer* signer = provider().signer();
  if (signer == nullptr) GTEST_SKIP() << "no signer";
  for (const Case& test : {Case{kEcPair, 256, kEcdsaSha256}, Case{kEcPair, 521, kEcdsaSha256},
                           Case{kRsaPair, 2048, kPkcs1Sha256}, Case{kRsaPair, 2048, kPssSha256}}) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    SCOPED_TRACE(to_string(test.type, test.bits) + " " + to_string(test.algorithm));
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    Bytes hash = oracle::digest(psa::Hash::Sha256, {});
    auto good = signer->sign_hash(*key, test.algorithm, hash);
    ASSERT_THAT(good, IsOk());
    auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
    for (std::size_t at : {std::size_t{0}, good->size() / 2, good->size() - 1})
      EXPECT_THAT(signer->verify_hash(*key, test.algorithm, hash, with_flipped_bit(*good, at)),
                  invalid);
    EXPECT_THAT(signer->verify_hash(*key, test.algorithm, with_flipped_bit(hash, 31), *good),
                invalid);
    EXPECT_THAT(signer->verify_message(*key, test.algorithm, view_of("x"), *good), invalid);
    Bytes longer = *good;
    longer.push_back(std::byte{0});
    for (ByteView bad : {ByteView(longer), ByteView(*good).first(good->size() - 1), ByteView()})
      EXPECT_THAT(signer->verify_hash(*key, test.algorithm, hash, bad), invalid);
    for (std::byte fill : {std::byte{0}, std::byte{0xff}})
      EXPECT_THAT(signer->verify_hash(*key, test.algorithm, hash, Bytes(good->size(), fill)),
                  invalid);
  }
}

TEST_P(ProviderConformance, OnePaddingIsNotTakenForTheOther) {
  if (!can(Capability::Use, kRsaPair, 2048, kPssSha256)) GTEST_SKIP() << "no PSS";
  if (!can(Capability::Use, kRsaPair, 2048, kPkcs1Sha256)) GTEST_SKIP() << "no PKCS#1 v1.5";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  Bytes hash = oracle::digest(psa::Hash::Sha256, {});
  auto signature = provider().signer()->sign_hash(*key, kPkcs1Sha256, hash);
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(provider().signer()->verify_hash(*key, kPssSha256, hash, *signature),
              FailsWith(Status::PsaErrorInvalidSignature));
}

TEST_P(ProviderConformance, HashesOfAnotherLengthAreRefused) {
  if (!can(Capability::Use, kEcPair, 256, kEcdsaSha256)) GTEST_SKIP() << "no ECDSA on P-256";
  auto key = some_key(kEcPair, 256);
  ASSERT_NE(key, nullptr);
  for (std::size_t size : {0U, 31U, 33U})
    EXPECT_THAT(provider().signer()->sign_hash(*key, kEcdsaSha256, Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, PublicKeysVerifyButDoNotSign) {
  for (const Case& test :
       {Case{kEcPublic, 256, kEcdsaSha256}, Case{kRsaPublic, 2048, kPkcs1Sha256}}) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    auto pair = some_key(test.type == kEcPublic ? kEcPair : kRsaPair, test.bits);
    ASSERT_NE(pair, nullptr);
    auto public_key = imported(attributes_of(test.type, test.bits), pair->public_key);
    ASSERT_NE(public_key, nullptr);
    Bytes hash = oracle::digest(psa::Hash::Sha256, {});
    auto signature = provider().signer()->sign_hash(*pair, test.algorithm, hash);
    ASSERT_THAT(signature, IsOk());
    EXPECT_THAT(provider().signer()->verify_hash(*public_key, test.algorithm, hash, *signature),
                IsOk());
    EXPECT_THAT(provider().signer()->sign_hash(*public_key, test.algorithm, hash),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// RFC 6979 §A.2.5: P-256, SHA-256, message "sample".
TEST_P(ProviderConformance, TheEcdsaSignatureOfRfc6979Verifies) {
  if (!can(Capability::Import, kEcPublic, 256, kEcdsaSha256)) GTEST_SKIP() << "no P-256 import";
  auto key = imported(attributes_of(kEcPublic, 256),
                      from_hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                               "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
  ASSERT_NE(key, nullptr);
  Bytes signature = from_hex(
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_THAT(provider().signer()->verify_message(*key, kEcdsaSha256, view_of("sample"), signature),
              IsOk());
}

// Wycheproof, rsa_signature_2048_sha256_test.json, case 3. Deterministic: signing gives the same.
TEST_P(ProviderConformance, ThePkcs1SignatureOfWycheproofVerifies) {
  if (!can(Capability::Import, kRsaPair, 2048, kPkcs1Sha256)) GTEST_SKIP() << "no RSA import";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  Bytes signature = from_hex(
      "264491e844c119f14e425c03282139a558dcdaeb82a4628173cd407fd319f9076eaebc0dd87a1c22e4d17839"
      "096886d58a9d5b7f7aeb63efec56c45ac7bead4203b6886e1faa90e028ec0ae094d46bf3f97efdd19045cfbc"
      "25a1abda2432639f9876405c0d68f8edbf047c12a454f7681d5d5a2b54bd3723d193dbad4338baad75326400"
      "6e2d08931c4b8bb79aa1c9cad10eb6605f87c5831f6e2b08e002f9c6f21141f5841d92727dd3e1d99c36bc56"
      "0da3c9067df99fcaf818941f72588be33032bad22caf6704223bb114d575b6d02d9d222b580005d930e8f40c"
      "ce9f672eebb634a20177d84351627964b83f2053d736a84ab1a005f63bd5ba943de6205c");
  EXPECT_THAT(provider().signer()->verify_message(*key, kPkcs1Sha256, view_of("Test"), signature),
              IsOk());
  EXPECT_THAT(provider().signer()->sign_message(*key, kPkcs1Sha256, view_of("Test")),
              IsOkAndHolds(signature));
}

// Wycheproof, rsa_pss_2048_sha256_mgf1_32_test.json, case 3.
TEST_P(ProviderConformance, ThePssSignatureOfWycheproofVerifies) {
  if (!can(Capability::Import, kRsaPublic, 2048, kPssSha256)) GTEST_SKIP() << "no RSA import";
  auto key = some_key(kRsaPublic, 2048);
  ASSERT_NE(key, nullptr);
  Bytes signature = from_hex(
      "401eb03cdb47ca88033e3030f6bdecbac8f5c8fc1dd6a13d23d379ed9a2b309891d13d74fea9d21d159b9e6d"
      "8f37efa2489962e24555f56dd434ff1d31ce4f9f5abd3f22cbea8b691d6a11e44efb83e2bca155e6a164325e"
      "0fde2a8865afd5c9f51161a9d615f62af7ec2e31b3e5ab649c164490d31d88cfae35b84aea7925690f929a14"
      "4b6d2f48e8fb894a52deecd1b9a6496990c4ecf1588699a42cacd10c53af350514e4291ea9a058e77f101e32"
      "c1c0cefa61d945f7bc931f8bd19e7ba3169358a60e5a8b0123bc3199b9fdcafe8e519c41ba675491a27b85e4"
      "4ef2d77277c10fe107293c8290186913bc9a99b640d8da041b64f31eab1d35920985f4a5");
  EXPECT_THAT(provider().signer()->verify_message(*key, kPssSha256, view_of("Test"), signature),
              IsOk());
}

TEST_P(ProviderConformance, ManyThreadsSignWithOneKey) {
  for (const Case& test : {Case{kEcPair, 256, kEcdsaSha256}, Case{kRsaPair, 2048, kPssSha256}}) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    std::atomic<int> good = 0;
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 8; ++thread)
        threads.emplace_back([&] {
          for (int round = 0; round < 25; ++round) {
            auto signature =
                provider().signer()->sign_message(*key, test.algorithm, view_of("message"));
            if (signature && provider().signer()->verify_message(*key, test.algorithm,
                                                                 view_of("message"), *signature))
              ++good;
          }
        });
    }
    EXPECT_EQ(good, 8 * 25);
  }
}

// RFC 8017 §9.2: what is signed raw is DigestInfo, so that the result is the same as with the hash
// named.
TEST_P(ProviderConformance, RawPkcs1SignsTheCallersDigestInfo) {
  if (!can(Capability::Use, kRsaPair, 2048, kPkcs1Raw)) GTEST_SKIP() << "no raw RSA signatures";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  Bytes hash = oracle::digest(psa::Hash::Sha256, view_of("message"));
  Bytes info = from_hex("3031300d060960864801650304020105000420");
  info.insert(info.end(), hash.begin(), hash.end());
  auto raw = provider().signer()->sign_hash(*key, kPkcs1Raw, info);
  ASSERT_THAT(raw, IsOk());
  EXPECT_THAT(provider().signer()->sign_hash(*key, kPkcs1Sha256, hash), IsOkAndHolds(*raw));
  EXPECT_THAT(provider().signer()->verify_hash(*key, kPkcs1Raw, info, *raw), IsOk());
  EXPECT_THAT(provider().signer()->verify_hash(*key, kPkcs1Raw, hash, *raw),
              FailsWith(Status::PsaErrorInvalidSignature));
  for (std::size_t size : {1U, 20U, 245U}) {
    auto signature = provider().signer()->sign_hash(*key, kPkcs1Raw, Bytes(size));
    ASSERT_THAT(signature, IsOk());
    EXPECT_THAT(provider().signer()->verify_hash(*key, kPkcs1Raw, Bytes(size), *signature), IsOk());
  }
  for (std::size_t size : {0U, 246U, 256U, 257U}) {
    EXPECT_THAT(provider().signer()->sign_hash(*key, kPkcs1Raw, Bytes(size)),
                FailsWith(Status::PsaErrorInvalidArgument));
    EXPECT_THAT(provider().signer()->verify_hash(*key, kPkcs1Raw, Bytes(size), *raw),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, EcdsaWithoutAHashTakesDigestsOfAnyLength) {
  if (!can(Capability::Use, kEcPair, 256, kEcdsaAny)) GTEST_SKIP() << "no ECDSA without a hash";
  auto key = some_key(kEcPair, 256);
  ASSERT_NE(key, nullptr);
  for (std::size_t size : {1U, 16U, 20U, 32U, 33U, 64U, 200U}) {
    Bytes digest = counting(size);
    auto signature = provider().signer()->sign_hash(*key, kEcdsaAny, digest);
    ASSERT_THAT(signature, IsOk()) << size;
    EXPECT_TRUE(oracle::verifies(kEcPair, 256, key->public_key, kEcdsaAny, digest, *signature));
    EXPECT_THAT(provider().signer()->verify_hash(*key, kEcdsaAny, digest, *signature), IsOk());
  }
  EXPECT_THAT(provider().signer()->sign_hash(*key, kEcdsaAny, {}),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, MessagesNeedAHashToBeSignedWith) {
  for (const Case& test : {Case{kEcPair, 256, kEcdsaAny}, Case{kRsaPair, 2048, kPkcs1Raw}}) {
    if (!can(Capability::Use, test.type, test.bits, test.algorithm)) continue;
    auto key = some_key(test.type, test.bits);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().signer()->sign_message(*key, test.algorithm, view_of("message")),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// A policy's "any hash" is for the policy to compare; no request may leave the hash open.
TEST_P(ProviderConformance, AHashLeftOpenSignsNothing) {
  for (Kind kind : {Kind::Ecdsa, Kind::DeterministicEcdsa}) {
    if (!can(Capability::Use, kEcPair, 256, psa::AsymmetricSignature{kind, std::nullopt})) continue;
    auto key = some_key(kEcPair, 256);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().signer()->sign_hash(*key, {kind, std::nullopt}, Bytes(32)),
                FailsWith(refusal(Status::PsaErrorInvalidArgument, Status::PsaErrorNotPermitted)));
  }
}

// RFC 8017 §9.1.1 with PSA's choice: with SHA-512, 1024 bits leave room for 62 bytes of salt.
TEST_P(ProviderConformance, PssWithLittleRoomHasAShorterSalt) {
  constexpr psa::AsymmetricSignature kPssSha512{Kind::RsaPss, psa::Hash::Sha512};
  if (!can(Capability::Use, kRsaPair, 1024, kPssSha512)) GTEST_SKIP() << "no RSA-1024";
  auto key = some_key(kRsaPair, 1024);
  ASSERT_NE(key, nullptr);
  auto signature = provider().signer()->sign_hash(*key, kPssSha512, Bytes(64));
  ASSERT_THAT(signature, IsOk());
  EXPECT_THAT(provider().signer()->verify_hash(*key, kPssSha512, Bytes(64), *signature), IsOk());
}

}  // namespace
}  // namespace strongroom::conformance
