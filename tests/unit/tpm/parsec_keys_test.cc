// Keys that Parsec's service has made in the TPM are used under the root that it makes.
#include "providers/tpm/foreign/parsec_keys.h"

#include "providers/tpm/foreign/taken_over.h"
#include "providers/tpm/tpm_provider.h"
#include "tests/support/stored_key.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::stored;
using Signature = psa::AsymmetricSignature;
using Kind = psa::KeyType::Kind;

constexpr Signature kPkcs1Sha256{Signature::Kind::RsaPkcs1v15, psa::Hash::Sha256};
constexpr psa::AsymmetricEncryption kOaep{psa::AsymmetricEncryption::Kind::RsaOaep,
                                          psa::Hash::Sha256};

class ParsecKeysTest : public testing::WithSwTpm {
 protected:
  std::unique_ptr<TpmProvider> provider() {
    TpmProvider::Settings settings;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    auto made = TpmProvider::create("tpm", std::move(settings));
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }

  static psa::KeyAttributes rsa(const psa::Algorithm& algorithm = kPkcs1Sha256) {
    return testing::key_of(Kind::RsaKeyPair, 2048, algorithm);
  }
  static ParsecKey nothing_of(const psa::KeyAttributes& attributes) {
    ParsecKey key;
    key.attributes = attributes;
    key.modulus = Bytes(256);
    key.x = key.y = Bytes(32);
    return key;
  }

  // As that service does, by the TSS.
  static ParsecKey made_there(const psa::KeyAttributes& attributes, UINT16 cipher_bits = 256) {
    ParsecKey key = nothing_of(attributes);
    TPMT_PUBLIC area = *parsec_area(key);
    area.unique = {};
    key.auth = *SecretBuffer::random(32);
    testing::Esys esys(tpm().tcti());
    const ESYS_TR root = esys.create_primary(parsec_root(cipher_bits));
    const KeyBlob blob = esys.create(root, area, key.auth.reveal());
    esys.flush(root);
    const TPMU_PUBLIC_ID& made = blob.public_area.publicArea.unique;
    key.modulus = bytes_of_sized(made.rsa);
    if (attributes.type.is_ecc()) {
      key.x = bytes_of_sized(made.ecc.x);
      key.y = bytes_of_sized(made.ecc.y);
    }
    key.private_area = bytes_of_sized(blob.private_area);
    return key;
  }
  template <typename Sized>
  static Bytes bytes_of_sized(const Sized& sized) {
    return copy_of(std::as_bytes(std::span(sized.buffer).first(sized.size)));
  }
  static ParsecKey copy(const ParsecKey& key) {
    ParsecKey again;
    again.attributes = key.attributes;
    again.modulus = key.modulus;
    again.x = key.x;
    again.y = key.y;
    again.private_area = key.private_area;
    again.auth = *SecretBuffer::copy_of(key.auth.reveal());
    again.root_name = key.root_name;
    return again;
  }
  void expect_signs(TpmProvider& provider, const KeyRecord& key) const {
    const Signature scheme = key.attributes.type.is_rsa() ? kPkcs1Sha256 : testing::kEcdsaSha256;
    auto signature = provider.signer()->sign_hash(key, scheme, digest);
    ASSERT_THAT(signature, IsOk());
    EXPECT_THAT(provider.signer()->verify_hash(key, scheme, digest, *signature), IsOk());
  }

  testing::Faults faults;
  const Bytes digest = Bytes(32, std::byte{0x5d});
};

TEST_F(ParsecKeysTest, TakenOverTheySignBesideKeysOfOurs) {
  std::vector<ParsecKey> theirs;
  for (const psa::KeyAttributes& attributes : {testing::ecc_pair(), rsa(), testing::ecc_pair()})
    theirs.push_back(made_there(attributes));
  auto made = provider();
  auto ours = made->keys()->generate(testing::ecc_pair(), {});
  ASSERT_THAT(ours, IsOk());
  std::vector<KeyRecordPtr> keys = {stored(*std::move(ours), 1)};
  for (ParsecKey& key : theirs) {
    auto taken = take_over(*made->executor(), std::move(key));
    ASSERT_THAT(taken, IsOk());
    EXPECT_FALSE(taken->public_key.empty());
    keys.push_back(stored(*std::move(taken), keys.size() + 1));
  }
  for (int round = 0; round < 2; ++round)
    for (const KeyRecordPtr& key : keys)
      expect_signs(*made, *key);
}

TEST_F(ParsecKeysTest, TakenOverTheyDecrypt) {
  auto made = provider();
  auto taken = take_over(*made->executor(), made_there(rsa(kOaep)));
  ASSERT_THAT(taken, IsOk());
  auto key = stored(*std::move(taken), 1);
  auto sealed = made->encrypter()->encrypt(*key, kOaep, digest, {});
  ASSERT_THAT(sealed, IsOk());
  auto opened = made->encrypter()->decrypt(*key, kOaep, *sealed, {});
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(copy_of(opened->reveal()), digest);
}

TEST_F(ParsecKeysTest, OutliveTheProviderAndAReset) {
  KeyRecordPtr key;
  {
    auto made = provider();
    auto taken = take_over(*made->executor(), made_there(rsa()));
    ASSERT_THAT(taken, IsOk());
    key = stored(*std::move(taken), 1);
    tpm().reset();
    expect_signs(*made, *key);
  }
  expect_signs(*provider(), *key);
}

TEST_F(ParsecKeysTest, UnderARootOfTheShorterCipherAreFound) {
  auto made = provider();
  auto taken = take_over(*made->executor(), made_there(testing::ecc_pair(), 128));
  ASSERT_THAT(taken, IsOk());
  expect_signs(*made, *stored(*std::move(taken), 1));
}

TEST_F(ParsecKeysTest, OfAnotherRootAreNotTaken) {
  auto made = provider();
  ParsecKey key = made_there(testing::ecc_pair());
  key.root_name = Bytes(34, std::byte{1});
  EXPECT_THAT(take_over(*made->executor(), copy(key)), FailsWith(Status::PsaErrorHardwareFailure));
  key.root_name =
      *made->executor()->run<Bytes>(std::chrono::seconds(30), [](Tpm& tpm) -> Outcome<Bytes> {
        auto parent = TRY(tpm.parsec_parent(256));
        return parent.name;
      });
  EXPECT_THAT(take_over(*made->executor(), copy(key)), IsOk());
}

TEST_F(ParsecKeysTest, ThatTheTpmHasNotWrappedAreNotTaken) {
  auto made = provider();
  ParsecKey key = made_there(testing::ecc_pair());
  key.private_area.back() ^= std::byte{1};
  EXPECT_THAT(take_over(*made->executor(), copy(key)), FailsWith(Status::PsaErrorHardwareFailure));
  key.private_area.clear();
  EXPECT_THAT(take_over(*made->executor(), copy(key)), FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(ParsecKeysTest, WithAnotherPolicyThanTheyWereMadeForAreNotTaken) {
  auto made = provider();
  ParsecKey key = made_there(testing::ecc_pair());
  key.attributes.algorithm = Signature{Signature::Kind::Ecdsa, psa::Hash::Sha384};
  EXPECT_THAT(take_over(*made->executor(), copy(key)), FailsWith(Status::PsaErrorHardwareFailure));
}

TEST_F(ParsecKeysTest, LeaveTheTpmAsItWas) {
  auto made = provider();
  ParsecKey key = made_there(testing::ecc_pair());
  ASSERT_THAT(take_over(*made->executor(), copy(key)), IsOk());
  for (std::uint32_t code : {TPM2_CC_Clear, TPM2_CC_EvictControl, TPM2_CC_Create, TPM2_CC_NV_Write})
    EXPECT_EQ(faults.count_of(code), 0U);
}

TEST(ParsecAreaTest, PublicKeysTakeNoTpm) {
  ParsecKey key;
  key.attributes = testing::key_of(Kind::EccPublicKey, 256, testing::kEcdsaSha256);
  key.attributes.type.curve_family = psa::EccFamily::SecpR1;
  key.x = Bytes(31, std::byte{2});
  key.y = Bytes(32, std::byte{3});
  EXPECT_THAT(parsec_area(key), IsOk());
}

TEST(ParsecAreaTest, WhatParsecMakesNoKeysOfIsRefused) {
  const auto area_of = [](const psa::KeyAttributes& attributes) {
    ParsecKey key;
    key.attributes = attributes;
    key.modulus = Bytes(256);
    key.x = key.y = Bytes(32);
    return parsec_area(key);
  };
  const Signature any{Signature::Kind::Ecdsa, std::nullopt};
  const Signature sha224{Signature::Kind::Ecdsa, psa::Hash::Sha224};
  const Signature deterministic{Signature::Kind::DeterministicEcdsa, psa::Hash::Sha256};
  for (const psa::Algorithm& algorithm :
       {psa::Algorithm(any), psa::Algorithm(sha224), psa::Algorithm(deterministic),
        psa::Algorithm(kPkcs1Sha256), psa::Algorithm(psa::NoAlgorithm()),
        psa::Algorithm(testing::kRawEcdh)})
    EXPECT_THAT(area_of(testing::ecc_pair(algorithm)), FailsWith(Status::PsaErrorNotSupported));
  psa::KeyAttributes larger = testing::ecc_pair();
  larger.bits = 255;
  EXPECT_THAT(area_of(larger), FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(area_of(testing::key_of(Kind::RsaKeyPair, 1024, kPkcs1Sha256)),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST(ForeignMaterialTest, IsReadAsItWasWritten) {
  const auto primitives = Primitives::load();
  ASSERT_THAT(primitives, IsOk());
  KeyBlob blob{};
  ParsecKey key;
  key.attributes = testing::ecc_pair();
  key.x = key.y = Bytes(32, std::byte{4});
  blob.public_area.publicArea = *parsec_area(key);
  blob.private_area.size = 3;
  const ForeignParent parent{256, Bytes(34, std::byte{5})};
  const Bytes auth(20, std::byte{6});
  const auto written = to_stored(parent, auth, blob);
  ASSERT_THAT(written, IsOk());
  const auto read = from_stored(*primitives, *written);
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->parent);
  EXPECT_EQ(read->parent->cipher_bits, 256);
  EXPECT_EQ(read->parent->name, parent.name);
  EXPECT_EQ(copy_of(read->auth.reveal()), auth);
  for (std::size_t size = 0; size < written->size(); ++size)
    EXPECT_THAT(from_stored(*primitives, *SecretBuffer::copy_of(written->reveal().first(size))),
                FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::tpm
