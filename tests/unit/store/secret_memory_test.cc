// A store whose keys are more than the memory for secrets holds.
#include <openssl/crypto.h>

#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::SizeIs;

class SecretMemoryTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kHeap = 256 * 1024;
  static constexpr std::size_t kMaterial = 1024;
  static constexpr int kKeys = 2 * kHeap / kMaterial;

  void SetUp() override {
    ASSERT_NE(CRYPTO_secure_malloc_init(kHeap, 32), 0);
    store_.settings.cache_bytes = kHeap / 4;
    ASSERT_THAT(store_.open(), IsOk());
  }
  void TearDown() override {
    store_.close();
    CRYPTO_secure_malloc_done();
  }

  StoreInDirectory store_;
};

TEST_F(SecretMemoryTest, ListingManyKeysLeavesRoomForOthers) {
  for (int i = 0; i < kKeys; ++i) {
    KeyRecord record = record_of(fmt::format("key{}", i));
    record.material = std::move(SecretBuffer::of_size(kMaterial)).value();
    ASSERT_THAT(done(*store_, &Store::create, std::move(record)), IsOk());
  }
  Result<std::vector<KeyRecordPtr>> keys = store_->keys_of(id_of("").application);
  ASSERT_THAT(keys, IsOkAndHolds(SizeIs(kKeys)));
  EXPECT_THAT(SecretBuffer::of_size(SecretBuffer::kSecureHeapLimit), IsOk());
}

}  // namespace
}  // namespace strongroom::testing
