#include "providers/software/signing/signer.h"

#include <atomic>
#include <thread>
#include <vector>

#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/rsa_key.h"
#include "tests/support/matchers.h"
#include "tests/support/stored_key.h"

namespace strongroom::software {
namespace {

using testing::FailsWith;
using testing::IsOk;

using Kind = psa::AsymmetricSignature::Kind;

constexpr psa::KeyType kEcPair{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
constexpr psa::KeyType kRsaPair{psa::KeyType::Kind::RsaKeyPair, {}};
constexpr psa::AsymmetricSignature kEcdsa{Kind::Ecdsa, psa::Hash::Sha256};
constexpr SignatureUse kSigning{kEcdsa, true};
constexpr SignatureUse kVerifying{kEcdsa, false};

KeyRecordPtr record_of(Result<NewKey> key, std::uint64_t serial) {
  return testing::stored(*std::move(key), serial);
}

class EvpSignerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = Algorithms::load();
    ASSERT_THAT(loaded, IsOk());
    algorithms_ = std::make_unique<Algorithms>(*std::move(loaded));
    signer_ = std::make_unique<EvpSigner>(*algorithms_, cache_);
  }

  // A signature that this signer verifies.
  void sign(const KeyRecord& key, const psa::AsymmetricSignature& algorithm) {
    Bytes hash(psa::digest_size(*algorithm.hash), std::byte{7});
    auto signature = signer_->sign_hash(key, algorithm, hash);
    ASSERT_THAT(signature, IsOk()) << to_string(algorithm);
    EXPECT_THAT(signer_->verify_hash(key, algorithm, hash, *signature), IsOk());
    signature->back() ^= std::byte{1};
    EXPECT_THAT(signer_->verify_hash(key, algorithm, hash, *signature),
                FailsWith(Status::PsaErrorInvalidSignature));
  }

  KeyRecordPtr ec_ =
      record_of(generate_ec({.type = kEcPair, .bits = 256, .usage = {}, .algorithm = {}}), 1);
  KeyCache cache_{2};
  std::unique_ptr<Algorithms> algorithms_;
  std::unique_ptr<EvpSigner> signer_;
};

TEST_F(EvpSignerTest, AContextIsPreparedOnceForEachUseOfAKey) {
  sign(*ec_, kEcdsa);
  auto signing = cache_.prepared_for(*ec_, kSigning);
  auto verifying = cache_.prepared_for(*ec_, kVerifying);
  ASSERT_NE(signing, nullptr);
  ASSERT_NE(verifying, nullptr);
  EXPECT_NE(signing, verifying);
  sign(*ec_, kEcdsa);
  EXPECT_EQ(cache_.prepared_for(*ec_, kSigning), signing);
  EXPECT_EQ(cache_.prepared_for(*ec_, kVerifying), verifying);
}

TEST_F(EvpSignerTest, OneKeyServesMoreAlgorithmsInTurnThanAreKept) {
  auto rsa = record_of(
      generate_rsa({.type = kRsaPair, .bits = 2048, .usage = {}, .algorithm = {}}, {}), 2);
  for (int round = 0; round < 2; ++round)
    for (psa::Hash hash : {psa::Hash::Sha256, psa::Hash::Sha384, psa::Hash::Sha512})
      for (Kind kind : {Kind::RsaPss, Kind::RsaPkcs1v15})
        sign(*rsa, {kind, hash});
}

TEST_F(EvpSignerTest, KeysWithoutASerialSignToo) {
  auto unknown =
      record_of(generate_ec({.type = kEcPair, .bits = 521, .usage = {}, .algorithm = {}}), 0);
  sign(*unknown, kEcdsa);
  sign(*unknown, kEcdsa);
  EXPECT_EQ(cache_.size(), 0U);
}

TEST_F(EvpSignerTest, ThreadsSignWhileKeysAndContextsAreLetGo) {
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 3; ++thread)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        sign(*ec_, kEcdsa);
    });
  threads.emplace_back([&] {
    for (int round = 0; round < 200; ++round) {
      cache_.drop_all();
      std::this_thread::yield();
    }
    cache_.destroy(ec_->serial);
  });
  threads.clear();
  EXPECT_EQ(cache_.prepared_for(*ec_, kSigning), nullptr);
  EXPECT_EQ(cache_.size(), 0U);
}

}  // namespace
}  // namespace strongroom::software
