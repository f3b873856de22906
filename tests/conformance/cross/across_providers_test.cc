// Each test names what is made by one and read by all others that offer it, and by OpenSSL itself.
#include "providers/software/capabilities.h"
#include "tests/conformance/cross/parties.h"
#include "tests/conformance/cross/symmetric_oracle.h"
#include "tests/conformance/openssl_oracle.h"
#include "tests/support/attributes.h"

namespace strongroom::conformance {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::key_of;
using Kind = psa::KeyType::Kind;
using Signature = psa::AsymmetricSignature;
using Encryption = psa::AsymmetricEncryption;

const Bytes kText = copy_of(view_of("what one has made the other reads"));

// Not to be exported: TPMs let nothing out.
psa::KeyAttributes to_use(psa::KeyAttributes attributes) {
  attributes.usage = software::kEveryUse;
  return attributes;
}

psa::KeyAttributes ecc(std::uint32_t bits, const psa::Algorithm& algorithm) {
  psa::KeyAttributes attributes = testing::ecc_pair(algorithm, software::kEveryUse);
  attributes.bits = bits;
  return attributes;
}

class SignaturesAcrossProviders : public AcrossProviders {
 protected:
  // Made by each, verified by all and by OpenSSL; and not for another message.
  void try_signatures(const psa::KeyAttributes& attributes) {
    const auto algorithm = std::get<Signature>(attributes.algorithm);
    with_pairs(attributes, [&](const Party& signer, const Party& verifier) {
      auto pair = generated(signer, attributes);
      ASSERT_NE(pair, nullptr);
      auto public_key = public_half(verifier, *pair);
      ASSERT_NE(public_key, nullptr);
      const Bytes hash = oracle::digest(*algorithm.hash, kText);
      auto of_hash = signer.provider->signer()->sign_hash(*pair, algorithm, hash);
      auto of_message = signer.provider->signer()->sign_message(*pair, algorithm, kText);
      for (const auto* made : {&of_hash, &of_message}) {
        ASSERT_THAT(*made, IsOk());
        check(verifier, *public_key, algorithm, **made);
        EXPECT_TRUE(oracle::verifies(attributes.type, attributes.bits, pair->public_key, algorithm,
                                     hash, **made));
      }
    });
  }

 private:
  static void check(const Party& verifier, const KeyRecord& key, const Signature& algorithm,
                    const Bytes& signature) {
    Signer& signer = *verifier.provider->signer();
    EXPECT_THAT(signer.verify_message(key, algorithm, kText, signature), IsOk());
    EXPECT_THAT(
        signer.verify_hash(key, algorithm, oracle::digest(*algorithm.hash, kText), signature),
        IsOk());
    EXPECT_THAT(signer.verify_message(key, algorithm, view_of("another"), signature),
                FailsWith(Status::PsaErrorInvalidSignature));
  }
};

TEST_F(SignaturesAcrossProviders, OfEcdsaVerify) {
  for (std::uint32_t bits : {256U, 384U, 521U})
    for (psa::Hash hash : {psa::Hash::Sha256, psa::Hash::Sha384, psa::Hash::Sha512})
      try_signatures(ecc(bits, Signature{Signature::Kind::Ecdsa, hash}));
}

TEST_F(SignaturesAcrossProviders, OfPkcs1Verify) {
  for (psa::Hash hash : {psa::Hash::Sha1, psa::Hash::Sha256, psa::Hash::Sha512})
    try_signatures(
        to_use(key_of(Kind::RsaKeyPair, 2048, Signature{Signature::Kind::RsaPkcs1v15, hash})));
}

TEST_F(SignaturesAcrossProviders, OfPssVerify) {
  for (psa::Hash hash : {psa::Hash::Sha1, psa::Hash::Sha256, psa::Hash::Sha384})
    try_signatures(
        to_use(key_of(Kind::RsaKeyPair, 2048, Signature{Signature::Kind::RsaPss, hash})));
}

// By software and the token; a TPM has no such curve.
TEST_F(SignaturesAcrossProviders, OfEddsaVerify) {
  const auto attributes = testing::ed25519_pair(software::kEveryUse);
  with_pairs(attributes, [&](const Party& signer, const Party& verifier) {
    auto pair = generated(signer, attributes);
    auto public_key = public_half(verifier, *pair);
    auto made = signer.provider->signer()->sign_message(*pair, testing::kEddsa, kText);
    ASSERT_THAT(made, IsOk());
    Signer& other = *verifier.provider->signer();
    EXPECT_THAT(other.verify_message(*public_key, testing::kEddsa, kText, *made), IsOk());
    EXPECT_THAT(other.verify_message(*public_key, testing::kEddsa, view_of("another"), *made),
                FailsWith(Status::PsaErrorInvalidSignature));
    EXPECT_TRUE(oracle::verifies_ed25519(pair->public_key, kText, *made));
  });
}

class CiphertextsAcrossProviders : public AcrossProviders {
 protected:
  // Encrypted with the public half by another and by OpenSSL, decrypted by the pair's holder.
  void try_encryption(const Encryption& algorithm, ByteView label) {
    const auto attributes = to_use(key_of(Kind::RsaKeyPair, 2048, algorithm));
    with_pairs(attributes, [&](const Party& writer, const Party& reader) {
      auto pair = generated(reader, attributes);
      ASSERT_NE(pair, nullptr);
      auto public_key = public_half(writer, *pair);
      auto by_other = writer.provider->encrypter()->encrypt(*public_key, algorithm, kText, label);
      ASSERT_THAT(by_other, IsOk());
      for (const Bytes& ciphertext :
           {*by_other, oracle::rsa_encrypt(pair->public_key, algorithm, kText, label)}) {
        auto read = reader.provider->encrypter()->decrypt(*pair, algorithm, ciphertext, label);
        ASSERT_THAT(read, IsOk());
        EXPECT_EQ(copy_of(read->reveal()), kText);
      }
    });
  }

  // With one key in both.
  void try_cipher(std::uint32_t bits, psa::Cipher algorithm) {
    const auto attributes = to_use(key_of(Kind::Aes, bits, algorithm));
    const Bytes secret(bits / 8, std::byte{0x6b});
    with_pairs(attributes, [&](const Party& writer, const Party& reader) {
      auto written_by = imported(writer, attributes, secret);
      auto read_by = imported(reader, attributes, secret);
      ASSERT_TRUE(written_by && read_by);
      const Bytes text(64, std::byte{0x33});
      auto ciphertext = writer.provider->cipher()->encrypt(*written_by, algorithm, text);
      ASSERT_THAT(ciphertext, IsOk());
      auto read = reader.provider->cipher()->decrypt(*read_by, algorithm, *ciphertext);
      ASSERT_THAT(read, IsOk());
      EXPECT_EQ(copy_of(read->reveal()), text);
      EXPECT_EQ(oracle::aes_decrypt(algorithm, secret, *ciphertext), text);
    });
  }
};

TEST_F(CiphertextsAcrossProviders, OfPkcs1Decrypt) {
  try_encryption({Encryption::Kind::RsaPkcs1v15, std::nullopt}, {});
}

TEST_F(CiphertextsAcrossProviders, OfOaepDecrypt) {
  for (psa::Hash hash : {psa::Hash::Sha1, psa::Hash::Sha256})
    try_encryption({Encryption::Kind::RsaOaep, hash}, {});
}

TEST_F(CiphertextsAcrossProviders, OfAesDecrypt) {
  for (std::uint32_t bits : {128U, 192U, 256U})
    for (psa::Cipher algorithm : {psa::Cipher::EcbNoPadding, psa::Cipher::CbcNoPadding,
                                  psa::Cipher::CbcPkcs7, psa::Cipher::Ctr})
      try_cipher(bits, algorithm);
}

// By software and the token; a TPM has none.
TEST_F(CiphertextsAcrossProviders, OfGcmDecryptAndAreTheSame) {
  const auto attributes = to_use(key_of(Kind::Aes, 256, testing::kAesGcm));
  const Bytes secret(32, std::byte{0x6b});
  const Bytes nonce(12, std::byte{1});
  const Bytes data(20, std::byte{2});
  const AeadInput input{.nonce = nonce, .additional_data = data};
  with_pairs(attributes, [&](const Party& writer, const Party& reader) {
    auto written_by = imported(writer, attributes, secret);
    auto read_by = imported(reader, attributes, secret);
    auto ciphertext = writer.provider->aead()->encrypt(*written_by, testing::kAesGcm, input, kText);
    ASSERT_THAT(ciphertext, IsOk());
    EXPECT_EQ(*ciphertext, oracle::aes_gcm(secret, nonce, data, kText));
    auto read = reader.provider->aead()->decrypt(*read_by, testing::kAesGcm, input, *ciphertext);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(copy_of(read->reveal()), kText);
  });
}

class SecretsAcrossProviders : public AcrossProviders {};

// Both sides of each agreement are kept by different providers; and one against OpenSSL.
TEST_F(SecretsAcrossProviders, OfEcdhAreTheSameOnBothSides) {
  for (std::uint32_t bits : {256U, 384U, 521U}) {
    const auto attributes = ecc(bits, testing::kRawEcdh);
    with_pairs(attributes, [&](const Party& one, const Party& other) {
      auto first = generated(one, attributes);
      auto second = generated(other, attributes);
      ASSERT_TRUE(first && second);
      constexpr auto kEcdh = psa::RawKeyAgreement::Ecdh;
      auto here = one.provider->key_agreer()->agree(*first, kEcdh, second->public_key);
      auto there = other.provider->key_agreer()->agree(*second, kEcdh, first->public_key);
      ASSERT_THAT(here, IsOk());
      ASSERT_THAT(there, IsOk());
      EXPECT_EQ(copy_of(here->reveal()), copy_of(there->reveal()));
      const Bytes scalar((bits + 7) / 8, std::byte{1});
      auto with_openssl = one.provider->key_agreer()->agree(
          *first, kEcdh, oracle::ec_public_point(attributes.type, bits, scalar));
      ASSERT_THAT(with_openssl, IsOk());
      EXPECT_EQ(copy_of(with_openssl->reveal()),
                oracle::ecdh(attributes.type, bits, scalar, first->public_key));
    });
  }
}

TEST_F(SecretsAcrossProviders, MacsOfOneKeyAreTheSame) {
  const Bytes secret(64, std::byte{0x77});
  for (psa::Hash hash : {psa::Hash::Sha256, psa::Hash::Sha384, psa::Hash::Sha512}) {
    const psa::Mac hmac{psa::Mac::Kind::Hmac, hash, std::nullopt};
    const auto attributes = to_use(key_of(Kind::Hmac, 512, hmac));
    with_each(attributes, [&](const Party& party) {
      auto key = imported(party, attributes, secret);
      ASSERT_NE(key, nullptr);
      auto mac = party.provider->mac()->compute(*key, hmac, kText);
      ASSERT_THAT(mac, IsOk());
      EXPECT_EQ(*mac, oracle::hmac(hash, secret, kText));
    });
  }
  const psa::Mac cmac{psa::Mac::Kind::Cmac, std::nullopt, std::nullopt};
  const auto attributes = to_use(key_of(Kind::Aes, 256, cmac));
  with_each(attributes, [&](const Party& party) {
    auto key = imported(party, attributes, ByteView(secret).first(32));
    ASSERT_NE(key, nullptr);
    auto mac = party.provider->mac()->compute(*key, cmac, kText);
    ASSERT_THAT(mac, IsOk());
    EXPECT_EQ(*mac, oracle::aes_cmac(ByteView(secret).first(32), kText));
  });
}

}  // namespace
}  // namespace strongroom::conformance
