
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

psa::Aead gcm_with_tag(std::uint32_t size) {
  return {psa::Aead::Kind::Gcm, size};
}

// The test cases of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
struct GcmVector {
  int number;
  std::string_view key, nonce, additional_data, plaintext, ciphertext;
};
constexpr std::string_view kText60 =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view kData = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr std::array kVectors = {
    GcmVector{1, "00000000000000000000000000000000", "000000000000000000000000", "", "",
              "58e2fccefa7e3061367f1d57a4e7455a"},
    GcmVector{2, "00000000000000000000000000000000", "000000000000000000000000", "",
              "00000000000000000000000000000000",
              "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    GcmVector{4, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", kData, kText60,
              "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
              "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
              "5bc94fbc3221a5db94fae95ae7121a47"},
    GcmVector{5, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbad", kData, kText60,
              "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423"
              "73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598"
              "3612d2e79e3b0785561be14aaca2fccb"},
    GcmVector{7, "000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
              "", "cd33b28ac773f74ba00ed1f312572435"},
    GcmVector{16, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
              "cafebabefacedbaddecaf888", kData, kText60,
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
              "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
              "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST_P(ProviderConformance, GcmGivesThePublishedResults) {
  for (const GcmVector& vector : kVectors) {
    SCOPED_TRACE(vector.number);
    auto bits = static_cast<std::uint32_t>(4 * vector.key.size());
    if (!can(Capability::Import, kAes, bits, kAesGcm)) continue;
    auto key = imported(attributes_of(kAes, bits), from_hex(vector.key));
    ASSERT_NE(key, nullptr);
    Bytes nonce = from_hex(vector.nonce);
    Bytes data = from_hex(vector.additional_data);
    Bytes ciphertext = from_hex(vector.ciphertext);
    auto encrypted =
        provider().aead()->encrypt(*key, kAesGcm, {nonce, data}, from_hex(vector.plaintext));
    EXPECT_THAT(encrypted, IsOkAndHolds(ciphertext));
    auto decrypted = provider().aead()->decrypt(*key, kAesGcm, {nonce, data}, ciphertext);
    ASSERT_THAT(decrypted, IsOk());
    EXPECT_EQ(to_hex(decrypted->reveal()), vector.plaintext);
  }
}

TEST_P(ProviderConformance, GcmTakesNoncesOf1To128Bytes) {
  if (!can(Capability::Use, kAes, 256, kAesGcm)) GTEST_SKIP() << "no AES-GCM";
  auto key = some_key(kAes, 256);
  ASSERT_NE(key, nullptr);
  for (std::size_t size : {1U, 5U, 12U, 13U, 16U, 128U}) {
    Bytes nonce(size, std::byte{9});
    auto ciphertext = provider().aead()->encrypt(*key, kAesGcm, {nonce, {}}, view_of("text"));
    ASSERT_THAT(ciphertext, IsOk());
    EXPECT_THAT(provider().aead()->decrypt(*key, kAesGcm, {nonce, {}}, *ciphertext), IsOk());
  }
  for (std::size_t size : {0U, 129U})
    EXPECT_THAT(provider().aead()->encrypt(*key, kAesGcm, {Bytes(size), {}}, view_of("text")),
                FailsWith(Status::PsaErrorInvalidArgument));
}

TEST_P(ProviderConformance, ShortenedTagsAreTheFrontOfTheFullOne) {
  if (!can(Capability::Use, kAes, 128, kAesGcm)) GTEST_SKIP() << "no AES-GCM";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  Bytes nonce(12);
  auto full = provider().aead()->encrypt(*key, kAesGcm, {nonce, {}}, view_of("text"));
  ASSERT_THAT(full, IsOk());
  for (std::uint32_t size = 0; size <= 17; ++size) {
    SCOPED_TRACE(size);
    auto algorithm = gcm_with_tag(size);
    auto ciphertext = provider().aead()->encrypt(*key, algorithm, {nonce, {}}, view_of("text"));
    bool is_legal = size == 4 || size == 8 || (size >= 12 && size <= 16);
    EXPECT_EQ(can(Capability::Use, kAes, 128, algorithm), is_legal);
    if (!is_legal) {
      EXPECT_THAT(ciphertext, FailsWith(Status::PsaErrorInvalidArgument));
      EXPECT_THAT(provider().aead()->decrypt(*key, algorithm, {nonce, {}}, *full),
                  FailsWith(Status::PsaErrorInvalidArgument));
      continue;
    }
    ASSERT_THAT(ciphertext, IsOk());
    EXPECT_EQ(to_hex(*ciphertext), to_hex(ByteView(*full).first(4 + size)));
    auto plaintext = provider().aead()->decrypt(*key, algorithm, {nonce, {}}, *ciphertext);
    ASSERT_THAT(plaintext, IsOk());
    EXPECT_EQ(text_of(plaintext->reveal()), "text");
    EXPECT_THAT(provider().aead()->decrypt(*key, algorithm, {nonce, {}},
                                           with_flipped_bit(*ciphertext, ciphertext->size() - 1)),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
}

TEST_P(ProviderConformance, AnEmptyPlaintextIsLegalBothWays) {
  if (!can(Capability::Use, kAes, 128, kAesGcm)) GTEST_SKIP() << "no AES-GCM";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  AeadInput input{view_of("nonce"), view_of("data")};
  auto ciphertext = provider().aead()->encrypt(*key, kAesGcm, input, {});
  ASSERT_THAT(ciphertext, IsOk());
  EXPECT_EQ(ciphertext->size(), 16U);
  auto plaintext = provider().aead()->decrypt(*key, kAesGcm, input, *ciphertext);
  ASSERT_THAT(plaintext, IsOk());
  EXPECT_TRUE(plaintext->is_empty());
}

TEST_P(ProviderConformance, AnythingChangedIsAnInvalidSignature) {
  if (!can(Capability::Use, kAes, 256, kAesGcm)) GTEST_SKIP() << "no AES-GCM";
  auto key = some_key(kAes, 256);
  auto other = imported(attributes_of(kAes, 256), Bytes(32));
  ASSERT_NE(key, nullptr);
  ASSERT_NE(other, nullptr);
  AeadInput input{view_of("nonce"), view_of("data")};
  auto ciphertext = provider().aead()->encrypt(*key, kAesGcm, input, view_of("plaintext"));
  ASSERT_THAT(ciphertext, IsOk());
  auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
  for (std::size_t at = 0; at < ciphertext->size(); ++at)
    EXPECT_THAT(provider().aead()->decrypt(*key, kAesGcm, input, with_flipped_bit(*ciphertext, at)),
                invalid);
  for (const AeadInput& changed :
       {AeadInput{view_of("nonse"), view_of("data")}, AeadInput{view_of("nonce"), view_of("date")},
        AeadInput{view_of("nonce"), {}}})
    EXPECT_THAT(provider().aead()->decrypt(*key, kAesGcm, changed, *ciphertext), invalid);
  EXPECT_THAT(provider().aead()->decrypt(*other, kAesGcm, input, *ciphertext), invalid);
  ByteView cut = ByteView(*ciphertext).first(16);
  EXPECT_THAT(provider().aead()->decrypt(*key, kAesGcm, input, cut), invalid);
  EXPECT_THAT(provider().aead()->decrypt(*key, kAesGcm, input, cut.first(15)),
              FailsWith(Status::PsaErrorInvalidArgument));
}

}  // namespace
}  // namespace strongroom::conformance
