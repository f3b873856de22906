#include "providers/software/software_provider.h"

#include <openssl/crypto.h>

#include "tests/support/matchers.h"
#include "tests/support/stored_key.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr psa::AsymmetricSignature kEcdsaSha256{psa::AsymmetricSignature::Kind::Ecdsa,
                                                psa::Hash::Sha256};

psa::KeyAttributes p256() {
  return {.type = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1},
          .bits = 256,
          .usage = {.sign_hash = true},
          .algorithm = kEcdsaSha256};
}

KeyRecordPtr new_record(SoftwareProvider& provider, std::uint64_t serial) {
  auto key = provider.keys()->generate(p256(), {});
  EXPECT_THAT(key, IsOk());
  if (!key) return nullptr;
  return testing::stored(*std::move(key), serial);
}

TEST(SoftwareProvider, IsKnownByTheIdsOfTheContract) {
  auto provider = SoftwareProvider::create("mbed-crypto-provider");
  ASSERT_THAT(provider, IsOk());
  const ProviderDescription& description = (*provider)->description();
  EXPECT_EQ(description.id, 1);
  EXPECT_EQ(to_hex(description.identity.uuid), "1c1139dcad7c47dcad6bdb6fdb466552");
  EXPECT_EQ(description.identity.instance, "mbed-crypto-provider");
}

TEST(SoftwareProvider, LacksWhatItDoesNotOffer) {
  auto provider = SoftwareProvider::create("software");
  ASSERT_THAT(provider, IsOk());
  EXPECT_EQ((*provider)->cipher(), nullptr);
  EXPECT_EQ((*provider)->mac(), nullptr);
  EXPECT_EQ((*provider)->attester(), nullptr);
}

// A process with so small a secure heap that records and cached keys cannot all stay on it.
class SmallSecureHeap : public ::testing::Test {
 protected:
  static constexpr std::size_t kHeap = 16 * 1024;
  static constexpr std::uint64_t kKeys = 200;

  static void SetUpTestSuite() { ASSERT_EQ(CRYPTO_secure_malloc_init(kHeap, 16), 1); }
  static void TearDownTestSuite() { EXPECT_EQ(CRYPTO_secure_malloc_done(), 1); }

  void SetUp() override {
    auto created = SoftwareProvider::create("software");
    ASSERT_THAT(created, IsOk());
    provider_ = *std::move(created);
    set_secret_memory_reclaimer([this] { return provider_->drop_cached_keys(); });
  }
  void TearDown() override {
    set_secret_memory_reclaimer(nullptr);
    provider_.reset();
  }

  std::unique_ptr<SoftwareProvider> provider_;
};

TEST_F(SmallSecureHeap, NeverFailsAKeyThatFitsWithoutTheCachedOnes) {
  std::vector<KeyRecordPtr> records;
  Bytes hash(32);
  std::size_t used_by_one_key = 0;
  for (std::uint64_t serial = 1; serial <= kKeys; ++serial) {
    records.push_back(new_record(*provider_, serial));
    ASSERT_NE(records.back(), nullptr);
    EXPECT_EQ(CRYPTO_secure_allocated(records.back()->material.reveal().data()), 1);
    ASSERT_THAT(provider_->signer()->sign_hash(*records.back(), kEcdsaSha256, hash), IsOk())
        << serial;
    if (serial == 1) used_by_one_key = CRYPTO_secure_used();
  }
  EXPECT_GT(kKeys * used_by_one_key, kHeap);
  for (const KeyRecordPtr& record : records)
    ASSERT_THAT(provider_->signer()->sign_hash(*record, kEcdsaSha256, hash), IsOk());
}

TEST_F(SmallSecureHeap, IsEmptyWhenTheLastKeyIsGone) {
  std::size_t before = CRYPTO_secure_used();
  auto record = new_record(*provider_, 1);
  ASSERT_THAT(provider_->signer()->sign_hash(*record, kEcdsaSha256, Bytes(32)), IsOk());
  EXPECT_THAT(provider_->keys()->destroy(*record), IsOk());
  record.reset();
  EXPECT_EQ(CRYPTO_secure_used(), before);
}

TEST_F(SmallSecureHeap, AnswersThatMemoryRanOutWhenNothingCanBeDropped) {
  std::vector<SecretBuffer> held;
  for (std::size_t size = SecretBuffer::kSecureHeapLimit; size >= 16; size /= 2)
    while (auto taken = SecretBuffer::of_size(size))
      held.push_back(*std::move(taken));
  EXPECT_THAT(provider_->keys()->generate(p256(), {}),
              FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(provider_->random()->generate(32), FailsWith(Status::PsaErrorInsufficientMemory));
}

}  // namespace
}  // namespace strongroom
