
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::AsymmetricEncryption::Kind;

std::vector<psa::AsymmetricEncryption> all_algorithms() {
  std::vector<psa::AsymmetricEncryption> algorithms = {kPkcs1};
  for (psa::Hash hash :
       {psa::Hash::Md5, psa::Hash::Ripemd160, psa::Hash::Sha1, psa::Hash::Sha3_256,
        psa::Hash::Sha3_512, psa::Hash::Sha224, psa::Hash::Sha256, psa::Hash::Sha384,
        psa::Hash::Sha512, psa::Hash::Sha512_224, psa::Hash::Sha512_256})
    algorithms.push_back({Kind::RsaOaep, hash});
  return algorithms;
}

std::size_t longest_plaintext(const psa::AsymmetricEncryption& algorithm) {
  return 256 - (algorithm.hash ? 2 * psa::digest_size(*algorithm.hash) + 2 : 11);
}

// Labels end in NUL here, which is what every provider takes; others a TPM does not.
constexpr std::string_view kLabel("label\0", 6);
constexpr std::string_view kOtherLabel("other\0", 6);

TEST_P(ProviderConformance, WhatOpensslEncryptsIsDecrypted) {
  for (const auto& algorithm : all_algorithms()) {
    for (std::uint32_t bits : {2048U, 3072U, 4096U}) {
      if (!can(Capability::Use, kRsaPair, bits, algorithm)) continue;
      // To import a long pair once more for each hash takes the service long.
      if (way() == Way::Socket && bits > 2048 && algorithm != kPkcs1 && algorithm != kOaepSha256)
        continue;
      SCOPED_TRACE(to_string(algorithm));
      auto key = some_key(kRsaPair, bits);
      ASSERT_NE(key, nullptr);
      ByteView label = has_labels(*key, algorithm) ? view_of(kLabel) : ByteView();
      Bytes ciphertext =
          oracle::rsa_encrypt(key->public_key, algorithm, view_of("plaintext"), label);
      auto plaintext = provider().encrypter()->decrypt(*key, algorithm, ciphertext, label);
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(text_of(plaintext->reveal()), "plaintext");
    }
  }
}

TEST_P(ProviderConformance, PlaintextsOfEveryPermittedLengthComeBack) {
  for (const auto& algorithm : all_algorithms()) {
    if (!can(Capability::Use, kRsaPair, 2048, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = some_key(kRsaPair, 2048);
    ASSERT_NE(key, nullptr);
    for (std::size_t size : {std::size_t{1}, longest_plaintext(algorithm)}) {
      auto ciphertext =
          provider().encrypter()->encrypt(*key, algorithm, Bytes(size, std::byte{7}), {});
      ASSERT_THAT(ciphertext, IsOk());
      EXPECT_EQ(ciphertext->size(), 256U);
      auto plaintext = provider().encrypter()->decrypt(*key, algorithm, *ciphertext, {});
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(copy_of(plaintext->reveal()), Bytes(size, std::byte{7}));
    }
    EXPECT_THAT(provider().encrypter()->encrypt(*key, algorithm,
                                                Bytes(longest_plaintext(algorithm) + 1), {}),
                FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, PublicKeysEncryptButDoNotDecrypt) {
  if (!can(Capability::Use, kRsaPublic, 2048, kOaepSha256)) GTEST_SKIP() << "no OAEP";
  auto pair = some_key(kRsaPair, 2048);
  ASSERT_NE(pair, nullptr);
  auto public_key = imported(attributes_of(kRsaPublic, 2048), pair->public_key);
  ASSERT_NE(public_key, nullptr);
  auto ciphertext = provider().encrypter()->encrypt(*public_key, kOaepSha256, view_of("x"), {});
  ASSERT_THAT(ciphertext, IsOk());
  if (can(Capability::Use, kRsaPair, 2048, kOaepSha256)) {
    EXPECT_THAT(provider().encrypter()->decrypt(*pair, kOaepSha256, *ciphertext, {}), IsOk());
  }
  EXPECT_THAT(provider().encrypter()->decrypt(*public_key, kOaepSha256, *ciphertext, {}),
              FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, ChangedCiphertextsAreInvalidPadding) {
  for (const auto& algorithm : {kPkcs1, kOaepSha256}) {
    if (!can(Capability::Use, kRsaPair, 2048, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = some_key(kRsaPair, 2048);
    ASSERT_NE(key, nullptr);
    auto ciphertext = provider().encrypter()->encrypt(*key, algorithm, view_of("plaintext"), {});
    ASSERT_THAT(ciphertext, IsOk());
    auto invalid = FailsWith(Status::PsaErrorInvalidPadding);
    EXPECT_THAT(
        provider().encrypter()->decrypt(*key, algorithm, with_flipped_bit(*ciphertext, 100), {}),
        invalid);
    EXPECT_THAT(provider().encrypter()->decrypt(*key, algorithm, Bytes(256, std::byte{0xff}), {}),
                invalid);
    EXPECT_THAT(provider().encrypter()->decrypt(*key, algorithm, Bytes(256), {}), invalid);
    for (std::size_t size : {0U, 128U, 255U, 257U})
      EXPECT_THAT(
          provider().encrypter()->decrypt(*key, algorithm, Bytes(size, std::byte{0xa5}), {}),
          FailsWith(Status::PsaErrorInvalidArgument));
  }
}

// RFC 8017 §7.2.2: 00 02, at least eight bytes other than zero, 00, message.
TEST_P(ProviderConformance, EveryFaultOfPkcs1PaddingIsInvalidPadding) {
  if (!can(Capability::Use, kRsaPair, 2048, kPkcs1)) GTEST_SKIP() << "no PKCS#1 v1.5 encryption";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  Bytes good(256, std::byte{0x11});
  good[0] = std::byte{0};
  good[1] = std::byte{2};
  good[250] = std::byte{0};
  auto decrypted = [&](const Bytes& block) {
    return provider().encrypter()->decrypt(*key, kPkcs1,
                                           oracle::rsa_encrypt_block(key->public_key, block), {});
  };
  auto plaintext = decrypted(good);
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_EQ(to_hex(plaintext->reveal()), "1111111111");

  Bytes first_byte = good;
  first_byte[0] = std::byte{1};
  Bytes block_type = good;
  block_type[1] = std::byte{1};
  Bytes no_separator = good;
  no_separator[250] = std::byte{0x11};
  Bytes early_separator = good;
  early_separator[9] = std::byte{0};
  for (const Bytes& bad : {first_byte, block_type, no_separator, early_separator})
    EXPECT_THAT(decrypted(bad), FailsWith(Status::PsaErrorInvalidPadding));
}

TEST_P(ProviderConformance, AnotherLabelIsInvalidPadding) {
  if (!can(Capability::Use, kRsaPair, 2048, kOaepSha256)) GTEST_SKIP() << "no OAEP";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  auto ciphertext =
      provider().encrypter()->encrypt(*key, kOaepSha256, view_of("x"), view_of(kLabel));
  ASSERT_THAT(ciphertext, IsOk());
  for (ByteView label : {view_of(kOtherLabel), ByteView()})
    EXPECT_THAT(provider().encrypter()->decrypt(*key, kOaepSha256, *ciphertext, label),
                FailsWith(Status::PsaErrorInvalidPadding));
}

TEST_P(ProviderConformance, Pkcs1TakesNoLabel) {
  if (!can(Capability::Use, kRsaPair, 2048, kPkcs1)) GTEST_SKIP() << "no PKCS#1 v1.5 encryption";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  EXPECT_THAT(provider().encrypter()->encrypt(*key, kPkcs1, view_of("x"), view_of("label")),
              FailsWith(Status::PsaErrorInvalidArgument));
}

// Wycheproof, rsa_oaep_2048_sha256_mgf1sha256_test.json, case 8.
TEST_P(ProviderConformance, TheOaepCiphertextOfWycheproofDecrypts) {
  if (!can(Capability::Import, kRsaPair, 2048, kOaepSha256)) GTEST_SKIP() << "no RSA import";
  auto key = some_key(kRsaPair, 2048);
  ASSERT_NE(key, nullptr);
  Bytes ciphertext = from_hex(
      "6583e2f176aa7e7f655d2c53497349c156c8851fb23325589e85fb83bfa857346caba222cdaa3234e7156415"
      "4298c24dbb85e18822a1d5e7faa47863a64d76874a3cbc70f4d9f137426a344c473fac1dd7008a9973765e9f"
      "66c5b492535a647c273c4f78ceb5aa7ba963a2142f2ce4a81f804c002b9b2eabb3c75e80a3c6ceafe5384a54"
      "4c672a5d28d32bb87115f43eb79775fd9b3f4a2f6e6a89368bdd95ef1d014877b60afdb1234acd57653a6545"
      "9f01b2fbe381f22a739504b4897a7e6c33b6349b276db6083abad9c169405859b800c812237634b503de6ada"
      "43013c1d86697a135be78a9784576d796d62aa7819e2ea0e2d902ffdd9cfdd1ae66212ee");
  auto plaintext = provider().encrypter()->decrypt(*key, kOaepSha256, ciphertext, Bytes(8));
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_EQ(text_of(plaintext->reveal()), "123400");
}

}  // namespace
}  // namespace strongroom::conformance
