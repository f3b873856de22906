// Security requirement R14: no branch and no index of ours depends on a secret where paddings, MACs
// and tags are checked and where numbers for signatures are made. Secrets are marked as undefined
// and the operations run under valgrind; what is public by contract, as whether a tag matches, has
// gone through declassified().
#include <array>

#include <gtest/gtest.h>

#include "providers/software/software_provider.h"
#include "psa_hash_compare.pb.h"
#include "tests/constant_time/secrets.h"
#include "tests/support/attributes.h"
#include "tests/support/matchers.h"
#include "tests/support/service_under_test.h"
#include "tests/support/stored_key.h"

namespace strongroom::constant_time {
namespace {

using Kind = psa::KeyType::Kind;
using testing::FailsWith;
using testing::IsOk;

class ConstantTime : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_watched()) GTEST_SKIP() << "needs valgrind";
    auto created = SoftwareProvider::create("software");
    ASSERT_THAT(created, IsOk());
    provider_ = *std::move(created);
  }

  SoftwareProvider& provider() { return *provider_; }

  // A key of fixed bytes, which are a secret from then on.
  KeyRecordPtr secret_key(const psa::KeyType& type, ByteView data) {
    auto key = provider_->keys()->import(
        {type, static_cast<std::uint32_t>(8 * data.size()), testing::kAllUsages, {}}, data);
    EXPECT_THAT(key, IsOk());
    auto record = testing::stored(*std::move(key), 0);
    make_secret(record->material.reveal());
    return record;
  }
  KeyRecordPtr secret_key(Kind kind, std::size_t size) {
    return secret_key({kind, {}}, patterned(size));
  }

  // With odd parity for DES, and no two parts alike.
  static Bytes patterned(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = std::byte{0x01} << (i / 8 % 8);
    return bytes;
  }

 private:
  std::unique_ptr<SoftwareProvider> provider_;
};

// What the tests below would see, if there was something to be seen.

[[gnu::noinline]] bool compared_until_they_differ(ByteView a, ByteView b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

[[gnu::noinline]] bool compared_by_the_library(const Bytes& a, const Bytes& b) {
  return a == b;
}

[[gnu::noinline]] std::byte looked_up(std::byte secret) {
  static const Bytes table(256);
  return table[std::to_integer<std::size_t>(secret)];
}

TEST_F(ConstantTime, AComparisonThatStopsEarlyIsSeen) {
  Bytes secret(16);
  make_secret(secret);
  volatile bool is_equal = false;
  EXPECT_NE(leaks_of([&] { is_equal = compared_until_they_differ(secret, Bytes(16)); }), 0U);
}

TEST_F(ConstantTime, AComparisonByTheLibraryIsSeen) {
  Bytes secret(16);
  make_secret(secret);
  volatile bool is_equal = false;
  EXPECT_NE(leaks_of([&] { is_equal = compared_by_the_library(secret, Bytes(16)); }), 0U);
}

TEST_F(ConstantTime, ALookupInATableIsSeen) {
  Bytes secret(1);
  make_secret(secret);
  volatile std::byte found{};
  EXPECT_NE(leaks_of([&] { found = looked_up(secret[0]); }), 0U);
}

TEST_F(ConstantTime, ASecretAfterItsDeclassificationIsNot) {
  Bytes secret(32);
  make_secret(secret);
  bool is_equal = true;
  EXPECT_EQ(leaks_of([&] { is_equal = equal_in_constant_time(secret, Bytes(32)); }), 0U);
  EXPECT_TRUE(is_equal);
}

// MACs.

struct MacCase {
  psa::Mac algorithm;
  Kind kind;
  std::size_t key_size;
};

TEST_F(ConstantTime, MacsAreVerified) {
  using enum psa::Mac::Kind;
  for (const auto& [algorithm, kind, key_size] :
       {MacCase{{Hmac, psa::Hash::Sha256, {}}, Kind::Hmac, 32},
        MacCase{{Hmac, psa::Hash::Sha512, 8}, Kind::Hmac, 200},
        MacCase{{Cmac, {}, {}}, Kind::Aes, 16}, MacCase{{Cmac, {}, {}}, Kind::Des, 24},
        MacCase{{CbcMac, {}, {}}, Kind::Aes, 32}}) {
    SCOPED_TRACE(to_string(algorithm));
    auto key = secret_key(kind, key_size);
    Bytes input(64);
    auto mac = provider().mac()->compute(*key, algorithm, input);
    ASSERT_THAT(mac, IsOk());
    Bytes claimed = *mac;
    make_public(claimed);
    for (std::size_t at = 0; at <= claimed.size(); ++at) {
      Bytes changed = claimed;
      if (at > 0) changed[at - 1] ^= std::byte{1};
      Result<> verified;
      EXPECT_EQ(
          leaks_of([&] { verified = provider().mac()->verify(*key, algorithm, input, changed); }),
          0U);
      EXPECT_EQ(verified.has_value(), at == 0);
    }
  }
}

// Tags.

struct AeadCase {
  psa::Aead algorithm;
  Kind kind;
};

TEST_F(ConstantTime, TagsAreChecked) {
  using enum psa::Aead::Kind;
  for (const auto& [algorithm, kind] :
       {AeadCase{{Gcm, {}}, Kind::Aes}, AeadCase{{Gcm, 4}, Kind::Aes},
        AeadCase{{Ccm, {}}, Kind::Aes}, AeadCase{{Ccm, 8}, Kind::Aes},
        AeadCase{{Chacha20Poly1305, {}}, Kind::Chacha20}}) {
    SCOPED_TRACE(to_string(algorithm));
    auto key = secret_key(kind, 32);
    Bytes nonce(12);
    Bytes text(40);
    make_secret(text);
    const AeadInput input{.nonce = nonce, .additional_data = nonce};
    auto sealed = provider().aead()->encrypt(*key, algorithm, input, text);
    ASSERT_THAT(sealed, IsOk());
    for (std::size_t at : {0U, 39U, 40U, 43U, 60U}) {
      Bytes changed = *sealed;
      make_public(changed);
      if (at < changed.size()) changed[at] ^= std::byte{1};
      Result<SecretBuffer> opened;
      EXPECT_EQ(
          leaks_of([&] { opened = provider().aead()->decrypt(*key, algorithm, input, changed); }),
          0U);
      EXPECT_EQ(opened.has_value(), at >= changed.size());
    }
  }
}

// Paddings.

TEST_F(ConstantTime, Pkcs7PaddingIsRemoved) {
  for (const auto& [kind, key_size, block] :
       {std::tuple(Kind::Aes, 16U, 16U), std::tuple(Kind::Des, 24U, 8U)}) {
    auto key = secret_key(kind, key_size);
    for (std::size_t size : {0U, 1U, 7U, 8U, 15U, 16U, 33U}) {
      auto sealed = provider().cipher()->encrypt(*key, psa::Cipher::CbcPkcs7, Bytes(size));
      ASSERT_THAT(sealed, IsOk());
      for (bool is_changed : {false, true}) {
        Bytes ciphertext = *sealed;
        make_public(ciphertext);
        if (is_changed) ciphertext[ciphertext.size() - block - 1] ^= std::byte{0x40};
        Result<SecretBuffer> opened;
        EXPECT_EQ(leaks_of([&] {
                    opened = provider().cipher()->decrypt(*key, psa::Cipher::CbcPkcs7, ciphertext);
                  }),
                  0U);
        EXPECT_EQ(opened.has_value(), !is_changed);
      }
    }
  }
}

// The plaintext is a secret here, and with it whether and where its padding ends; so is the
// ciphertext, from which memcheck learns that.
TEST_F(ConstantTime, RsaPaddingIsRemoved) {
  auto made = provider().keys()->generate(
      {{Kind::RsaKeyPair, {}}, 1024, testing::kAllUsages, psa::NoAlgorithm()}, {});
  ASSERT_THAT(made, IsOk());
  auto key = testing::stored(*std::move(made), 1);
  for (const auto& algorithm :
       {psa::AsymmetricEncryption{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, {}},
        testing::kOaepSha256}) {
    SCOPED_TRACE(to_string(algorithm));
    auto sealed = provider().encrypter()->encrypt(*key, algorithm, Bytes(20), {});
    ASSERT_THAT(sealed, IsOk());
    for (bool is_changed : {false, true}) {
      Bytes ciphertext = *sealed;
      if (is_changed) ciphertext[100] ^= std::byte{1};
      make_secret(ciphertext);
      Result<SecretBuffer> opened;
      EXPECT_EQ(leaks_of([&] {
                  opened = provider().encrypter()->decrypt(*key, algorithm, ciphertext, {});
                }),
                0U);
      EXPECT_EQ(opened.has_value(), !is_changed);
      if (is_changed) {
        EXPECT_THAT(opened, FailsWith(Status::PsaErrorInvalidPadding));
      }
    }
  }
}

// A wrapped key, the wrapping key and, behind RSA, the key between them.
TEST_F(ConstantTime, KeysAreUnwrapped) {
  auto wrapped_key = secret_key(Kind::Aes, 16);
  auto made = provider().keys()->generate(
      {{Kind::RsaKeyPair, {}}, 1024, testing::kAllUsages, psa::NoAlgorithm()}, {});
  ASSERT_THAT(made, IsOk());
  auto rsa = testing::stored(*std::move(made), 1);
  for (const auto& [algorithm, key] :
       {std::pair(psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, {}}, secret_key(Kind::Aes, 32)),
        std::pair(psa::KeyWrap{psa::KeyWrap::Kind::RsaOaepAesKwp, psa::Hash::Sha256}, rsa)}) {
    auto wrapped = provider().key_wrapper()->wrap(*key, algorithm, *wrapped_key);
    ASSERT_THAT(wrapped, IsOk());
    for (std::size_t from_end : {0U, 1U, 24U, 25U}) {
      Bytes data = *wrapped;
      make_public(data);
      if (from_end > 0 && from_end <= data.size()) data[data.size() - from_end] ^= std::byte{1};
      make_secret(data);
      Result<NewKey> unwrapped;
      EXPECT_EQ(leaks_of([&] {
                  unwrapped = provider().key_wrapper()->unwrap(
                      *key, algorithm, data,
                      {{Kind::Aes, {}}, 0, testing::kAllUsages, psa::NoAlgorithm()});
                }),
                0U);
      EXPECT_EQ(unwrapped.has_value(), from_end == 0 || from_end > data.size());
    }
  }
}

// Keys: what an import looks at.

TEST_F(ConstantTime, KeysAreChecked) {
  struct Case {
    psa::KeyType type;
    std::uint32_t bits;
    psa::Algorithm algorithm;
    Bytes data;
  };
  Bytes exponent(256);
  exponent.back() = std::byte{5};
  Bytes scalar(32);
  scalar.back() = std::byte{5};
  for (const Case& key :
       {Case{{Kind::Des, {}}, 192, psa::NoAlgorithm(), patterned(24)},
        Case{{Kind::Aes, {}}, 512, psa::Cipher::Xts, patterned(64)},
        Case{{Kind::DhKeyPair, {}}, 2048, psa::NoAlgorithm(), exponent},
        Case{{Kind::EccKeyPair, psa::EccFamily::SecpR1}, 256, psa::NoAlgorithm(), scalar},
        Case{{Kind::EccKeyPair, psa::EccFamily::Montgomery}, 255, psa::NoAlgorithm(), scalar}}) {
    SCOPED_TRACE(to_string(key.type, key.bits));
    Bytes data = key.data;
    make_secret(data);
    Result<NewKey> imported;
    EXPECT_EQ(leaks_of([&] {
                imported = provider().keys()->import(
                    {key.type, key.bits, testing::kAllUsages, key.algorithm}, data);
              }),
              0U);
    EXPECT_THAT(imported, IsOk());
  }
}

// RFC 6979: the scalar, what the generator makes of it, and the inverse.
TEST_F(ConstantTime, DeterministicSignaturesAreMade) {
  struct Case {
    psa::EccFamily family;
    std::uint32_t bits;
    psa::Hash hash;
  };
  for (const auto& [family, bits, hash] : {Case{psa::EccFamily::SecpR1, 256, psa::Hash::Sha256},
                                           Case{psa::EccFamily::SecpR1, 521, psa::Hash::Sha512},
                                           Case{psa::EccFamily::SectK1, 283, psa::Hash::Sha384}}) {
    SCOPED_TRACE(bits);
    Bytes scalar((bits + 7) / 8);
    scalar.back() = std::byte{0x35};
    auto imported = provider().keys()->import(
        {{Kind::EccKeyPair, family}, bits, testing::kAllUsages, psa::NoAlgorithm()}, scalar);
    ASSERT_THAT(imported, IsOk());
    auto key = testing::stored(*std::move(imported), 0);
    make_secret(key->material.reveal());
    Result<Bytes> signature;
    EXPECT_EQ(leaks_of([&] {
                signature = provider().signer()->sign_hash(
                    *key, {psa::AsymmetricSignature::Kind::DeterministicEcdsa, hash},
                    Bytes(psa::digest_size(hash)));
              }),
              0U);
    EXPECT_THAT(signature, IsOk());
  }
}

// PsaHashCompare as the service answers it: what is compared with is the last field of the body.
TEST_F(ConstantTime, DigestsAreCompared) {
  testing::ServiceUnderTest service;
  constexpr std::size_t kDigest = 32;
  for (bool is_right : {true, false}) {
    Bytes digest = *service.provider().hasher()->compute(psa::Hash::Sha256, Bytes(8));
    if (!is_right) digest[7] ^= std::byte{1};
    psa_hash_compare::Operation operation;
    operation.set_alg(psa_algorithm::Algorithm::SHA_256);
    operation.set_input(std::string(8, '\0'));
    operation.set_hash(std::string(text_of(digest)));
    Request request =
        testing::request_of(Opcode::PsaHashCompare, bytes_of(operation.SerializeAsString()));
    make_secret(ByteView(request.body).last(kDigest));
    Response response;
    EXPECT_EQ(leaks_of([&] { response = service.ask(std::move(request)); }), 0U);
    EXPECT_EQ(response.header.status,
              std::to_underlying(is_right ? Status::Success : Status::PsaErrorInvalidSignature));
  }
}

}  // namespace
}  // namespace strongroom::constant_time
