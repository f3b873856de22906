#include "providers/software/software_provider.h"

#include <string>
#include <variant>
#include <vector>

#include <openssl/crypto.h>

#include "tests/support/contract_values.h"
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
  EXPECT_EQ((*provider)->attester(), nullptr);
}

// Wherever OpenSSL's legacy provider is installed, as libssl3 of Debian has it.
TEST(SoftwareProvider, OffersWhatIsDeprecatedOnlyWhenThatIsAllowed) {
  auto strict = SoftwareProvider::create("software");
  auto lenient = SoftwareProvider::create("software", {.allow_deprecated = true});
  ASSERT_THAT(strict, IsOk());
  ASSERT_THAT(lenient, IsOk());
  // The other instance has loaded OpenSSL's legacy provider for the whole process.
  auto strict_after = SoftwareProvider::create("software");
  ASSERT_THAT(strict_after, IsOk());
  for (auto* provider : {strict->get(), strict_after->get()})
    EXPECT_THAT(provider->hasher()->compute(psa::Hash::Md4, view_of("abc")),
                FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT((*lenient)->hasher()->compute(psa::Hash::Md4, view_of("abc")), IsOk());
  EXPECT_THAT((*lenient)->hasher()->compute(psa::Hash::Md2, view_of("abc")),
              FailsWith(Status::PsaErrorNotSupported));
}

// The types of the contract that the provider takes in no such size; bits that no key of the type
// has are among what is asked for.
std::vector<std::string> key_types_not_taken(const SoftwareProvider& provider) {
  std::vector<std::string> names;
  for (const auto& [type, bits] : testing::all_key_types())
    if (!provider.supports(Capability::Import, {type, bits, {}, psa::NoAlgorithm()}))
      names.push_back(to_string(type, bits));
  return names;
}

TEST(SoftwareProvider, TakesEveryKeyTypeThatOpensslHas) {
  auto provider = SoftwareProvider::create("software", {.allow_deprecated = true});
  ASSERT_THAT(provider, IsOk());
  EXPECT_THAT(
      key_types_not_taken(**provider),
      ::testing::ElementsAre("raw-7", "raw-65536", "aes-64", "aes-384", "des-56", "camellia-512",
                             "arc4-32", "arc4-2056", "chacha20-128", "rsa-public-key-1536",
                             "rsa-public-key-8192", "rsa-1536", "rsa-8192", "dh-public-key-1024",
                             "dh-1024", "ecc-public-key-frp-256", "ecc-frp-256"));
}

std::string ciphers_with(const SoftwareProvider& provider, psa::KeyType::Kind kind,
                         std::uint32_t bits) {
  std::string names;
  for (const psa::Algorithm& algorithm : testing::all_algorithms()) {
    bool is_full = !std::holds_alternative<psa::Aead>(algorithm) ||
                   !std::get<psa::Aead>(algorithm).shortened_tag_size;
    bool is_cipher = is_full && (std::holds_alternative<psa::Cipher>(algorithm) ||
                                 std::holds_alternative<psa::Aead>(algorithm));
    if (is_cipher &&
        provider.supports(Capability::Use, {{kind, {}}, bits, {.encrypt = true}, algorithm}))
      names += to_string(algorithm) + " ";
  }
  return names;
}

// What OpenSSL 3.0 lacks is left out: Camellia in CCM, GCM and XTS, triple DES in CTR and XTS.
TEST(SoftwareProvider, ServesEveryModeThatOpensslHas) {
  auto provider = SoftwareProvider::create("software");
  ASSERT_THAT(provider, IsOk());
  using Kind = psa::KeyType::Kind;
  EXPECT_EQ(ciphers_with(**provider, Kind::Aes, 128), "ctr cfb ofb ecb cbc cbc-pkcs7 ccm gcm ");
  EXPECT_EQ(ciphers_with(**provider, Kind::Aes, 256), "ctr cfb ofb xts ecb cbc cbc-pkcs7 ccm gcm ");
  EXPECT_EQ(ciphers_with(**provider, Kind::Aes, 512), "xts ");
  EXPECT_EQ(ciphers_with(**provider, Kind::Camellia, 256), "ctr cfb ofb ecb cbc cbc-pkcs7 ");
  EXPECT_EQ(ciphers_with(**provider, Kind::Des, 192), "cfb ofb ecb cbc cbc-pkcs7 ");
  EXPECT_EQ(ciphers_with(**provider, Kind::Chacha20, 256), "stream chacha20-poly1305 ");
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
