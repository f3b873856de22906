#include "providers/software/keys/key_cache.h"

#include <array>
#include <thread>
#include <vector>

#include "providers/software/keys/ec_key.h"
#include "tests/support/matchers.h"
#include "tests/support/stored_key.h"

namespace strongroom::software {
namespace {

using testing::FailsWith;
using testing::IsOk;

constexpr psa::KeyType kEcPair{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};

KeyRecordPtr record_with(std::uint64_t serial) {
  auto key = generate_ec({.type = kEcPair, .bits = 256, .usage = {}, .algorithm = {}});
  return testing::stored(*std::move(key), serial);
}

EVP_PKEY* key_in(KeyCache& cache, const KeyRecordPtr& record) {
  auto key = cache.key_of(*record);
  return key ? key->get() : nullptr;
}

SignatureUse use_of(psa::Hash hash) {
  return {{psa::AsymmetricSignature::Kind::Ecdsa, hash}, true};
}

PreparedContext a_context() {
  return PreparedContext(Owned<EVP_PKEY_CTX>(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)));
}

TEST(KeyCache, AKeyInUseIsMadeOnce) {
  KeyCache cache(2);
  auto record = record_with(1);
  auto held = cache.key_of(*record);
  ASSERT_THAT(held, IsOk());
  EXPECT_EQ(key_in(cache, record), held->get());
  EXPECT_EQ(cache.size(), 1U);
}

TEST(KeyCache, TheKeyUnusedForLongestMakesRoom) {
  KeyCache cache(2);
  auto first = record_with(1);
  auto second = record_with(2);
  auto held_first = cache.key_of(*first);
  auto held_second = cache.key_of(*second);
  EXPECT_EQ(key_in(cache, first), held_first->get());
  EXPECT_THAT(cache.key_of(*record_with(3)), IsOk());
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(key_in(cache, first), held_first->get());
  EXPECT_NE(key_in(cache, second), held_second->get());
}

TEST(KeyCache, KeysWithoutASerialAreNotKept) {
  KeyCache cache(2);
  EXPECT_THAT(cache.key_of(*record_with(0)), IsOk());
  EXPECT_EQ(cache.size(), 0U);
}

TEST(KeyCache, ACacheWithoutRoomStillMakesKeys) {
  KeyCache cache(0);
  EXPECT_THAT(cache.key_of(*record_with(1)), IsOk());
  cache.destroy(1);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(KeyCache, ADestroyedKeyIsNotKeptAgain) {
  KeyCache cache(2);
  auto record = record_with(1);
  EXPECT_THAT(cache.key_of(*record), IsOk());
  cache.destroy(1);
  EXPECT_EQ(cache.size(), 0U);
  // A request that found the record before the destruction.
  EXPECT_THAT(cache.key_of(*record), IsOk());
  EXPECT_EQ(cache.size(), 0U);
  // One that was destroyed before it was ever used.
  cache.destroy(2);
  EXPECT_THAT(cache.key_of(*record_with(2)), IsOk());
  EXPECT_EQ(cache.size(), 0U);
}

TEST(KeyCache, DroppingAllLeavesKeysInUseAlone) {
  KeyCache cache(2);
  auto held = cache.key_of(*record_with(1));
  EXPECT_TRUE(cache.drop_all());
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_FALSE(cache.drop_all());
  EXPECT_EQ(EVP_PKEY_get_bits(held->get()), 256);
}

TEST(KeyCache, PreparedContextsAreKeptAsLongAsTheirKey) {
  KeyCache cache(1);
  auto record = record_with(1);
  auto prepare = [&] {
    EXPECT_THAT(cache.key_of(*record), IsOk());
    cache.keep_prepared(*record, use_of(psa::Hash::Sha256), a_context());
    return cache.prepared_for(*record, use_of(psa::Hash::Sha256));
  };
  EXPECT_NE(prepare(), nullptr);
  EXPECT_EQ(cache.prepared_for(*record, use_of(psa::Hash::Sha384)), nullptr);
  cache.drop_all();
  EXPECT_EQ(cache.prepared_for(*record, use_of(psa::Hash::Sha256)), nullptr);
  EXPECT_NE(prepare(), nullptr);
  EXPECT_THAT(cache.key_of(*record_with(2)), IsOk());  // makes room
  EXPECT_EQ(cache.prepared_for(*record, use_of(psa::Hash::Sha256)), nullptr);
  EXPECT_NE(prepare(), nullptr);
  cache.destroy(1);
  EXPECT_EQ(cache.prepared_for(*record, use_of(psa::Hash::Sha256)), nullptr);
}

TEST(KeyCache, NoContextIsKeptWithoutItsKey) {
  KeyCache cache(2);
  auto keeps = [&](const KeyRecordPtr& record) {
    cache.keep_prepared(*record, use_of(psa::Hash::Sha256), a_context());
    return cache.prepared_for(*record, use_of(psa::Hash::Sha256)) != nullptr;
  };
  auto record = record_with(1);
  EXPECT_FALSE(keeps(record));
  EXPECT_THAT(cache.key_of(*record), IsOk());
  EXPECT_TRUE(keeps(record));
  cache.drop_all();
  EXPECT_FALSE(keeps(record));
  cache.destroy(1);
  EXPECT_FALSE(keeps(record));
  EXPECT_FALSE(keeps(record_with(0)));
}

TEST(KeyCache, TheContextKeptForLongestMakesRoom) {
  KeyCache cache(1);
  auto record = record_with(1);
  EXPECT_THAT(cache.key_of(*record), IsOk());
  constexpr std::array kHashes = {psa::Hash::Sha224, psa::Hash::Sha256, psa::Hash::Sha384,
                                  psa::Hash::Sha512, psa::Hash::Sha512_256};
  static_assert(kHashes.size() == KeyCache::kPreparedPerKey + 1);
  for (psa::Hash hash : kHashes)
    cache.keep_prepared(*record, use_of(hash), a_context());
  for (psa::Hash hash : kHashes)
    EXPECT_EQ(cache.prepared_for(*record, use_of(hash)) == nullptr, hash == kHashes.front());
}

TEST(KeyCache, OfTwoContextsForOneUseTheFirstStays) {
  KeyCache cache(1);
  auto record = record_with(1);
  EXPECT_THAT(cache.key_of(*record), IsOk());
  auto first = a_context();
  cache.keep_prepared(*record, use_of(psa::Hash::Sha256), first);
  cache.keep_prepared(*record, use_of(psa::Hash::Sha256), a_context());
  EXPECT_EQ(cache.prepared_for(*record, use_of(psa::Hash::Sha256)), first);
}

TEST(KeyCache, WorkThatFindsNoMemoryIsTriedAgainWithoutCachedKeys) {
  KeyCache cache(2);
  int tries = 0;
  auto starve = [&]() -> Result<> {
    ++tries;
    return fail(Status::PsaErrorInsufficientMemory, "no room");
  };
  EXPECT_THAT(cache.with_room(starve), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_EQ(tries, 1);  // nothing was cached: no use in trying again
  EXPECT_THAT(cache.key_of(*record_with(1)), IsOk());
  EXPECT_THAT(cache.with_room(starve), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_EQ(tries, 3);
}

TEST(KeyCache, ThreadsShareItWhileKeysComeAndGo) {
  KeyCache cache(3);
  std::vector<KeyRecordPtr> records;
  for (std::uint64_t serial = 1; serial <= 6; ++serial)
    records.push_back(record_with(serial));
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (std::size_t round = 0; round < 300; ++round) {
        auto key = cache.key_of(*records[(round * (thread + 1)) % records.size()]);
        EXPECT_THAT(key, IsOk());
        if (round % 50 == 7) cache.drop_all();
        if (thread == 0 && round == 150) cache.destroy(1);
      }
    });
  threads.clear();
  EXPECT_LE(cache.size(), 3U);
}

}  // namespace
}  // namespace strongroom::software
