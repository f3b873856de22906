// CCM and ChaCha20-Poly1305; what all AEADs have in common is in aead_test.cc over GCM.
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::Aead::Kind;

constexpr psa::Aead kCcm{Kind::Ccm, std::nullopt};
constexpr psa::Aead kChacha20Poly1305{Kind::Chacha20Poly1305, std::nullopt};

struct AeadVector {
  std::string_view source;
  psa::KeyType type;
  psa::Aead algorithm;
  std::string_view key, nonce, additional_data, plaintext, ciphertext;
};
constexpr std::string_view kKey = "404142434445464748494a4b4c4d4e4f";
constexpr std::array kVectors = {
    AeadVector{"SP 800-38C C.1",
               kAes,
               {Kind::Ccm, 4},
               kKey,
               "10111213141516",
               "0001020304050607",
               "20212223",
               "7162015b4dac255d"},
    AeadVector{"SP 800-38C C.2",
               kAes,
               {Kind::Ccm, 6},
               kKey,
               "1011121314151617",
               "000102030405060708090a0b0c0d0e0f",
               "202122232425262728292a2b2c2d2e2f",
               "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd"},
    AeadVector{"SP 800-38C C.3",
               kAes,
               {Kind::Ccm, 8},
               kKey,
               "101112131415161718191a1b",
               "000102030405060708090a0b0c0d0e0f10111213",
               "202122232425262728292a2b2c2d2e2f3031323334353637",
               "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
    AeadVector{"RFC 8439 2.8.2", kChacha20, kChacha20Poly1305,
               "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
               "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
               "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
               "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
               "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
               "637265656e20776f756c642062652069742e",
               "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
               "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
               "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
               "3ff4def08e4b7a9de576d26586cec64b6116"
               "1ae10b594f09e26a7e902ecbd0600691"},
};

TEST_P(ProviderConformance, CcmAndChacha20Poly1305GiveThePublishedResults) {
  for (const AeadVector& vector : kVectors) {
    SCOPED_TRACE(vector.source);
    auto bits = static_cast<std::uint32_t>(4 * vector.key.size());
    if (!can(Capability::Import, vector.type, bits, vector.algorithm)) continue;
    auto key = imported(attributes_of(vector.type, bits), from_hex(vector.key));
    ASSERT_NE(key, nullptr);
    Bytes nonce = from_hex(vector.nonce);
    Bytes data = from_hex(vector.additional_data);
    Bytes ciphertext = from_hex(vector.ciphertext);
    EXPECT_THAT(provider().aead()->encrypt(*key, vector.algorithm, {nonce, data},
                                           from_hex(vector.plaintext)),
                IsOkAndHolds(ciphertext));
    auto decrypted = provider().aead()->decrypt(*key, vector.algorithm, {nonce, data}, ciphertext);
    ASSERT_THAT(decrypted, IsOk());
    EXPECT_EQ(to_hex(decrypted->reveal()), vector.plaintext);
  }
}

struct NonceCase {
  psa::KeyType type;
  psa::Aead algorithm;
  std::size_t least;
  std::size_t most;
};
constexpr std::array kNonces = {NonceCase{kAes, kCcm, 7, 13},
                                NonceCase{kChacha20, kChacha20Poly1305, 12, 12}};

TEST_P(ProviderConformance, OtherAeadsTakeNoncesOfTheirLengthsOnly) {
  for (const auto& [type, algorithm, least, most] : kNonces) {
    if (!can(Capability::Use, type, 256, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = some_key(type, 256);
    ASSERT_NE(key, nullptr);
    for (std::size_t size = 0; size <= 17; ++size) {
      Bytes nonce = counting(size);
      AeadInput input{nonce, view_of("data")};
      auto ciphertext = provider().aead()->encrypt(*key, algorithm, input, view_of("text"));
      if (size < least || size > most) {
        EXPECT_THAT(ciphertext, FailsWith(Status::PsaErrorInvalidArgument)) << size;
        EXPECT_THAT(provider().aead()->decrypt(*key, algorithm, input, Bytes(20)),
                    FailsWith(Status::PsaErrorInvalidArgument));
        continue;
      }
      ASSERT_THAT(ciphertext, IsOk()) << size;
      auto plaintext = provider().aead()->decrypt(*key, algorithm, input, *ciphertext);
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(text_of(plaintext->reveal()), "text");
    }
  }
}

// SP 800-38C §A.1: with a nonce of 13 bytes two are left to count the text with.
TEST_P(ProviderConformance, ATextTooLongForItsCcmNonceIsRefused) {
  if (!can(Capability::Use, kAes, 128, kCcm)) GTEST_SKIP() << "no CCM";
  auto key = some_key(kAes, 128);
  ASSERT_NE(key, nullptr);
  Bytes nonce(13);
  EXPECT_THAT(provider().aead()->encrypt(*key, kCcm, {nonce, {}}, Bytes(65'535)), IsOk());
  EXPECT_THAT(provider().aead()->encrypt(*key, kCcm, {nonce, {}}, Bytes(65'536)),
              FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(provider().aead()->encrypt(*key, kCcm, {Bytes(12), {}}, Bytes(65'536)), IsOk());
}

TEST_P(ProviderConformance, TagsHaveTheLengthsThatTheirAeadHas) {
  for (const auto& [type, kind] :
       {std::pair(kAes, Kind::Ccm), std::pair(kChacha20, Kind::Chacha20Poly1305)}) {
    psa::Aead full{kind, std::nullopt};
    if (!can(Capability::Use, type, 256, full)) continue;
    auto key = some_key(type, 256);
    ASSERT_NE(key, nullptr);
    Bytes nonce(12);
    for (std::uint32_t size = 0; size <= 18; ++size) {
      SCOPED_TRACE(size);
      psa::Aead shortened{kind, size};
      bool is_legal = kind == Kind::Ccm ? size >= 4 && size <= 16 && size % 2 == 0 : size == 16;
      auto ciphertext = provider().aead()->encrypt(*key, shortened, {nonce, {}}, view_of("text"));
      EXPECT_EQ(can(Capability::Use, type, 256, shortened), is_legal);
      if (!is_legal) {
        EXPECT_THAT(ciphertext, FailsWith(Status::PsaErrorInvalidArgument));
        continue;
      }
      ASSERT_THAT(ciphertext, IsOk());
      EXPECT_EQ(ciphertext->size(), 4 + size);
      EXPECT_THAT(provider().aead()->decrypt(*key, shortened, {nonce, {}}, *ciphertext), IsOk());
      EXPECT_THAT(provider().aead()->decrypt(*key, shortened, {nonce, {}},
                                             with_flipped_bit(*ciphertext, 3 + size)),
                  FailsWith(Status::PsaErrorInvalidSignature));
    }
  }
}

TEST_P(ProviderConformance, AnythingChangedIsAnInvalidSignatureForOtherAeadsToo) {
  for (const auto& [type, algorithm, least, most] : kNonces) {
    if (!can(Capability::Use, type, 256, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = some_key(type, 256);
    ASSERT_NE(key, nullptr);
    for (std::size_t size : {0U, 1U, 40U}) {
      AeadInput input{view_of("twelve bytes"), view_of("data")};
      Bytes plaintext = counting(size);
      auto ciphertext = provider().aead()->encrypt(*key, algorithm, input, plaintext);
      ASSERT_THAT(ciphertext, IsOk());
      EXPECT_EQ(ciphertext->size(), size + 16);
      auto decrypted = provider().aead()->decrypt(*key, algorithm, input, *ciphertext);
      ASSERT_THAT(decrypted, IsOk());
      EXPECT_EQ(to_hex(decrypted->reveal()), to_hex(plaintext));
      auto invalid = FailsWith(Status::PsaErrorInvalidSignature);
      for (std::size_t at = 0; at < ciphertext->size(); ++at)
        EXPECT_THAT(
            provider().aead()->decrypt(*key, algorithm, input, with_flipped_bit(*ciphertext, at)),
            invalid);
      for (const AeadInput& changed : {AeadInput{view_of("twelve Bytes"), view_of("data")},
                                       AeadInput{view_of("twelve bytes"), view_of("date")},
                                       AeadInput{view_of("twelve bytes"), {}}})
        EXPECT_THAT(provider().aead()->decrypt(*key, algorithm, changed, *ciphertext), invalid);
      EXPECT_THAT(provider().aead()->decrypt(*key, algorithm, input, Bytes(15)),
                  FailsWith(Status::PsaErrorInvalidArgument));
    }
  }
}

}  // namespace
}  // namespace strongroom::conformance
