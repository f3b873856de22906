// Signatures, encryption and key agreement.
#include <map>
#include <string>

#include "tests/conformance/provider_conformance.h"
#include "tests/conformance/published/vectors.h"

namespace strongroom::conformance {
namespace {

using Signature = psa::AsymmetricSignature;
using Encryption = psa::AsymmetricEncryption;
using Kind = psa::KeyType::Kind;

auto outcome_of(const PublishedVector& vector) {
  return vector.text("result") == "valid" ? Status::Success : Status::PsaErrorInvalidSignature;
}

Status status_of(const Result<>& result) {
  return result ? Status::Success : result.error().status();
}

// Signatures with a salt of another length than PSA's are among those that are not valid.
TEST_P(ProviderConformance, PublishedRsaSignatures) {
  int used = 0;
  for (const auto& [file, kind] : {std::pair("rsa-signatures.txt", Signature::Kind::RsaPkcs1v15),
                                   {"rsa-pss.txt", Signature::Kind::RsaPss}})
    for (const PublishedVector& vector : vectors_in(file)) {
      SCOPED_TRACE(vector.place());
      Signature algorithm{kind, vector.hash()};
      std::uint32_t bits = vector.number("bits");
      if (!can(Capability::Import, kRsaPublic, bits, algorithm)) continue;
      ++used;
      auto key = imported(attributes_of(kRsaPublic, bits, algorithm), vector.bytes("public"));
      ASSERT_NE(key, nullptr);
      EXPECT_EQ(status_of(provider().signer()->verify_message(
                    *key, algorithm, vector.bytes("message"), vector.bytes("signature"))),
                outcome_of(vector));
    }
  RecordProperty("vectors", used);
}

// 65537 in DER.
constexpr std::string_view kUsualExponent("\x02\x03\x01\x00\x01", 5);

// Whether it is empty or ends in NUL, as every provider takes it, a TPM no other.
bool is_usual_label(ByteView label) {
  return label.empty() || label.back() == std::byte{0};
}

// PKCS#1 v1.5 draws no random number.
TEST_P(ProviderConformance, PublishedRsaSignaturesAreMadeAgain) {
  int used = 0;
  for (const PublishedVector& vector : vectors_in("rsa-signing.txt")) {
    SCOPED_TRACE(vector.place());
    Signature algorithm{Signature::Kind::RsaPkcs1v15, vector.hash()};
    std::uint32_t bits = vector.number("bits");
    if (!can(Capability::Import, kRsaPair, bits, algorithm)) continue;
    auto made =
        provider().keys()->import(attributes_of(kRsaPair, bits, algorithm), vector.bytes("pair"));
    // Nothing but an exponent may keep a key of an offered size out.
    bool is_usual = text_of(vector.bytes("pair")).contains(kUsualExponent);
    if (!made && !is_usual && made.error().status() == Status::PsaErrorNotSupported) continue;
    ++used;
    ASSERT_THAT(made, IsOk());
    auto key = store(*std::move(made));
    auto signature = provider().signer()->sign_message(*key, algorithm, vector.bytes("message"));
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(to_hex(*signature), vector.text("signature"));
  }
  RecordProperty("vectors", used);
}

TEST_P(ProviderConformance, PublishedRsaCiphertexts) {
  int used = 0;
  std::map<std::string, KeyRecordPtr> keys;  // an import costs much, and several are of one key
  for (std::string_view file : {"rsa-oaep.txt", "rsa-pkcs1v15.txt"})
    for (const PublishedVector& vector : vectors_in(file)) {
      SCOPED_TRACE(vector.place());
      Encryption algorithm = vector.has("hash")
                                 ? Encryption{Encryption::Kind::RsaOaep, vector.hash()}
                                 : Encryption{Encryption::Kind::RsaPkcs1v15, std::nullopt};
      std::uint32_t bits = vector.number("bits");
      if (!can(Capability::Import, kRsaPair, bits, algorithm)) continue;
      ++used;
      KeyRecordPtr& key = keys[vector.text("pair") + to_string(algorithm)];
      if (!key) key = imported(attributes_of(kRsaPair, bits, algorithm), vector.bytes("pair"));
      ASSERT_NE(key, nullptr);
      Bytes label = vector.bytes("label");
      // A label that a provider does not take, it takes in neither direction.
      bool is_taken = label.empty() || has_labels(*key, algorithm);
      if (is_taken && !is_usual_label(label))
        is_taken =
            provider().encrypter()->encrypt(*key, algorithm, view_of("x"), label).has_value();
      if (!is_taken) continue;
      auto plaintext =
          provider().encrypter()->decrypt(*key, algorithm, vector.bytes("ciphertext"), label);
      ASSERT_THAT(plaintext, IsOk());
      EXPECT_EQ(to_hex(plaintext->reveal()), vector.text("plaintext"));
    }
  RecordProperty("vectors", used);
}

TEST_P(ProviderConformance, PublishedEcdsaSignatures) {
  int used = 0;
  for (const PublishedVector& vector : vectors_in("ecdsa.txt")) {
    SCOPED_TRACE(vector.place());
    Signature algorithm{Signature::Kind::Ecdsa, vector.hash()};
    psa::KeyType type = vector.curve(Kind::EccPublicKey);
    std::uint32_t bits = vector.number("bits");
    if (!can(Capability::Import, type, bits, algorithm)) continue;
    ++used;
    auto key = imported(attributes_of(type, bits, algorithm), vector.bytes("point"));
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(status_of(provider().signer()->verify_message(
                  *key, algorithm, vector.bytes("message"), vector.bytes("signature"))),
              outcome_of(vector));
  }
  RecordProperty("vectors", used);
}

TEST_P(ProviderConformance, PublishedDeterministicSignatures) {
  int used = 0;
  for (const PublishedVector& vector : vectors_in("rfc6979.txt")) {
    SCOPED_TRACE(vector.place());
    Signature algorithm{Signature::Kind::DeterministicEcdsa, vector.hash()};
    psa::KeyType type = vector.curve(Kind::EccKeyPair);
    std::uint32_t bits = vector.number("bits");
    if (!can(Capability::Import, type, bits, algorithm)) continue;
    ++used;
    auto key = imported(attributes_of(type, bits, algorithm), vector.bytes("scalar"));
    ASSERT_NE(key, nullptr);
    auto signature =
        provider().signer()->sign_message(*key, algorithm, view_of(vector.text("message")));
    ASSERT_THAT(signature, IsOk());
    EXPECT_EQ(to_hex(*signature), vector.text("signature"));
  }
  RecordProperty("vectors", used);
}

TEST_P(ProviderConformance, PublishedPoints) {
  int used = 0;
  for (const PublishedVector& vector : vectors_in("ec-points.txt")) {
    SCOPED_TRACE(vector.place());
    psa::KeyType type = vector.curve(Kind::EccPublicKey);
    std::uint32_t bits = vector.number("bits");
    if (!can(Capability::Import, type, bits)) continue;
    ++used;
    auto key = provider().keys()->import(attributes_of(type, bits), vector.bytes("point"));
    if (vector.text("result") == "valid")
      EXPECT_THAT(key, IsOk());
    else
      EXPECT_THAT(key, FailsWith(Status::PsaErrorInvalidArgument));
  }
  RecordProperty("vectors", used);
}

// On the curve, but outside of the subgroup: each would tell bits of the private key.
TEST_P(ProviderConformance, PointsOutsideOfTheSubgroupAreRefused) {
  constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};
  int used = 0;
  for (const PublishedVector& vector : vectors_in("ec-small-order.txt")) {
    SCOPED_TRACE(vector.place());
    std::uint32_t bits = vector.number("bits");
    auto refused = FailsWith(Status::PsaErrorInvalidArgument);
    psa::KeyType public_key = vector.curve(Kind::EccPublicKey);
    if (!can(Capability::Import, public_key, bits)) continue;
    ++used;
    EXPECT_THAT(provider().keys()->import(attributes_of(public_key, bits), vector.bytes("point")),
                refused);
    psa::KeyType pair = vector.curve(Kind::EccKeyPair);
    if (!can(Capability::Use, pair, bits, kEcdh)) continue;
    auto key = some_key(pair, bits);
    ASSERT_NE(key, nullptr);
    EXPECT_THAT(provider().key_agreer()->agree(*key, kEcdh.raw, vector.bytes("point")), refused);
  }
  RecordProperty("vectors", used);
}

// Records without a secret are of a peer that is no public key.
TEST_P(ProviderConformance, PublishedSharedSecrets) {
  int used = 0;
  constexpr psa::KeyAgreement kEcdh{psa::RawKeyAgreement::Ecdh, std::nullopt};
  for (const PublishedVector& vector : vectors_in("ecdh.txt")) {
    SCOPED_TRACE(vector.place());
    psa::KeyType type = vector.curve(Kind::EccKeyPair);
    std::uint32_t bits = vector.number("bits");
    if (!can(Capability::Import, type, bits, kEcdh)) continue;
    ++used;
    auto key = imported(attributes_of(type, bits, kEcdh), vector.bytes("scalar"));
    ASSERT_NE(key, nullptr);
    auto secret = provider().key_agreer()->agree(*key, kEcdh.raw, vector.bytes("peer"));
    if (vector.has("secret")) {
      ASSERT_THAT(secret, IsOk());
      EXPECT_EQ(to_hex(secret->reveal()), vector.text("secret"));
    } else {
      EXPECT_THAT(secret, FailsWith(Status::PsaErrorInvalidArgument));
    }
  }
  RecordProperty("vectors", used);
}

}  // namespace
}  // namespace strongroom::conformance
