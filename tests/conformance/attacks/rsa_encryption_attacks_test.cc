// Ciphertexts made to learn from how a decryption fails. Whatever is wrong with a ciphertext of the
// right length has one answer.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/test_keys.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;

constexpr std::size_t kModulus = 256;
// Ends in NUL, which is what every provider takes; others a TPM does not.
constexpr std::string_view kLabel("label\0", 6);

// EME-OAEP, RFC 8017 §7.1.1, with what the attack changes.
struct OaepBlock {
  std::byte first{0x00};
  std::string_view label = kLabel;
  psa::Hash label_hash = psa::Hash::Sha256;
  psa::Hash mgf_hash = psa::Hash::Sha256;
  std::byte padding{0x00};
  std::byte separator{0x01};
  std::size_t message_size = 5;

  Bytes operator()() const {
    Bytes label_digest = oracle::digest(label_hash, view_of(label));
    label_digest.resize(32);
    Bytes message(message_size, std::byte{0x33});
    Bytes gap(kModulus - 2 * 32 - 2 - message.size(), padding);
    Bytes db = joined({label_digest, gap, ByteView(&separator, 1), message});
    Bytes seed(32, std::byte{0x5a});
    mask(db, mgf1(mgf_hash, seed, db.size()));
    mask(seed, mgf1(mgf_hash, db, seed.size()));
    return joined({ByteView(&first, 1), seed, db});
  }
};

TEST_P(ProviderConformance, OaepFailuresLookAlike) {
  if (!can(Capability::Import, kRsaPair, 2048, kOaepSha256)) GTEST_SKIP() << "no OAEP";
  auto key = imported(attributes_of(kRsaPair, 2048, kOaepSha256), fixed_key(kRsaPair, 2048));
  ASSERT_NE(key, nullptr);
  Bytes public_key = fixed_key(kRsaPublic, 2048);
  auto decrypt = [&](const OaepBlock& block) {
    return provider().encrypter()->decrypt(
        *key, kOaepSha256, oracle::rsa_encrypt_block(public_key, block()), view_of(kLabel));
  };
  for (std::size_t size : {0U, 1U, 5U, 189U, 190U}) {
    auto plaintext = decrypt({.message_size = size});
    ASSERT_THAT(plaintext, IsOk());
    EXPECT_EQ(to_hex(plaintext->reveal()), to_hex(Bytes(size, std::byte{0x33})));
  }
  for (const OaepBlock& block :
       {OaepBlock{.first = std::byte{0x01}}, OaepBlock{.first = std::byte{0x80}},
        OaepBlock{.label = ""}, OaepBlock{.label = "Label"}, OaepBlock{.label = "labels"},
        OaepBlock{.label_hash = psa::Hash::Sha1}, OaepBlock{.label_hash = psa::Hash::Sha512_256},
        OaepBlock{.mgf_hash = psa::Hash::Sha1}, OaepBlock{.mgf_hash = psa::Hash::Sha384},
        OaepBlock{.padding = std::byte{0x02}}, OaepBlock{.padding = std::byte{0xff}},
        OaepBlock{.separator = std::byte{0x00}}, OaepBlock{.separator = std::byte{0x02}},
        OaepBlock{.first = std::byte{0x01}, .label = "", .separator = std::byte{0x00}}})
    EXPECT_THAT(decrypt(block), FailsWith(Status::PsaErrorInvalidPadding));
}

// Manger's attack asks whether the first byte is zero; Bleichenbacher's whether the block begins
// with 00 02. Numbers beyond the modulus are no ciphertexts (RFC 8017 §5.1.2).
TEST_P(ProviderConformance, NumbersThatAreNoCiphertextsFailLikePaddings) {
  for (const auto& algorithm : {kOaepSha256, kPkcs1}) {
    if (!can(Capability::Import, kRsaPair, 2048, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = imported(attributes_of(kRsaPair, 2048, algorithm), fixed_key(kRsaPair, 2048));
    ASSERT_NE(key, nullptr);
    Bytes modulus = copy_of(ByteView(rsa_numbers(fixed_key(kRsaPublic, 2048))[0]).last(kModulus));
    Bytes zero(kModulus);
    for (const Bytes& bad : {zero, oracle::plus(zero, 1), oracle::plus(zero, 2),
                             oracle::plus(modulus, -1), modulus, oracle::plus(modulus, 1),
                             Bytes(kModulus, std::byte{0xff}), Bytes(kModulus, std::byte{0xa5})})
      EXPECT_THAT(provider().encrypter()->decrypt(*key, algorithm, bad, {}),
                  FailsWith(Status::PsaErrorInvalidPadding));
  }
}

// The ciphertext plus n is the same modulo n, where it is short enough.
TEST_P(ProviderConformance, CiphertextsHaveOneEncoding) {
  for (const auto& algorithm : {kOaepSha256, kPkcs1}) {
    if (!can(Capability::Import, kRsaPair, 2048, algorithm)) continue;
    SCOPED_TRACE(to_string(algorithm));
    auto key = imported(attributes_of(kRsaPair, 2048, algorithm), fixed_key(kRsaPair, 2048));
    ASSERT_NE(key, nullptr);
    Bytes modulus = copy_of(ByteView(rsa_numbers(fixed_key(kRsaPublic, 2048))[0]).last(kModulus));
    Bytes ciphertext = modulus;
    while (!is_less(ciphertext, sum_of(ciphertext, modulus)))
      ciphertext = oracle::rsa_encrypt(fixed_key(kRsaPublic, 2048), algorithm, counting(5), {});
    auto decrypt = [&](ByteView bytes) {
      return provider().encrypter()->decrypt(*key, algorithm, bytes, {});
    };
    ASSERT_THAT(decrypt(ciphertext), IsOk());
    EXPECT_THAT(decrypt(sum_of(ciphertext, modulus)), FailsWith(Status::PsaErrorInvalidPadding));
    auto refused = FailsWith(Status::PsaErrorInvalidArgument);
    EXPECT_THAT(decrypt(joined({Bytes(1), ciphertext})), refused);
    EXPECT_THAT(decrypt(joined({ciphertext, Bytes(1)})), refused);
    EXPECT_THAT(decrypt(ByteView(ciphertext).subspan(1)), refused);
  }
}

// RFC 8017 §7.2.2: 00 02, eight or more bytes other than zero, 00. What is refused is refused, and
// never answered with a plaintext that nobody encrypted.
TEST_P(ProviderConformance, Pkcs1PaddingsAreJudgedByteByByte) {
  if (!can(Capability::Import, kRsaPair, 2048, kPkcs1)) GTEST_SKIP() << "no PKCS#1 v1.5";
  auto key = imported(attributes_of(kRsaPair, 2048, kPkcs1), fixed_key(kRsaPair, 2048));
  ASSERT_NE(key, nullptr);
  Bytes public_key = fixed_key(kRsaPublic, 2048);
  auto decrypt = [&](ByteView block) {
    return provider().encrypter()->decrypt(*key, kPkcs1,
                                           oracle::rsa_encrypt_block(public_key, block), {});
  };
  for (std::size_t separator = 0; separator < kModulus; separator += separator < 14 ? 1 : 11) {
    SCOPED_TRACE(separator);
    Bytes block(kModulus, std::byte{0x77});
    block[0] = std::byte{0};
    block[1] = std::byte{2};
    block[separator] = std::byte{0};
    auto plaintext = decrypt(block);
    if (separator < 10) {
      EXPECT_THAT(plaintext, FailsWith(Status::PsaErrorInvalidPadding));
      continue;
    }
    ASSERT_THAT(plaintext, IsOk());
    EXPECT_EQ(plaintext->size(), kModulus - separator - 1);
  }
  for (int first : {0, 1, 2, 0x40})
    for (int second : {0, 1, 2, 3, 0xff}) {
      if (first == 0 && second == 2) continue;
      Bytes block(kModulus, std::byte{0x77});
      block[0] = static_cast<std::byte>(first);
      block[1] = static_cast<std::byte>(second);
      block[200] = std::byte{0};
      EXPECT_THAT(decrypt(block), FailsWith(Status::PsaErrorInvalidPadding));
    }
}

}  // namespace
}  // namespace strongroom::conformance
