// What a start finds of keys that were being made or destroyed.

#include "service/dispatch/device_keys/device_keys.h"
#include "tests/support/attributes.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_device.h"
#include "tests/support/in_memory_store.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::eventually;
using testing::FailsWith;
using testing::FakeDevice;
using testing::InMemoryStore;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

class LeftKeysTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(lanes_.start(), IsOk()); }
  void TearDown() override {
    keys_->stop();
    lanes_.stop();
  }
  KeyRecord record_of(std::string_view name, std::string_view material) {
    KeyRecord record{.id = {.application = {.authenticator = 3, .name = "1000"},
                            .provider = device_->description().identity,
                            .name = std::string(name)},
                     .attributes = ecc_pair(),
                     .material = *SecretBuffer::copy_of(view_of(material))};
    device_->add_object(material);
    return record;
  }
  void reserve(KeyRecord record) {
    store_.reserve(std::move(record), [](const Result<>& done) { EXPECT_THAT(done, IsOk()); });
  }
  void begin_to_destroy(KeyRecord record) {
    const KeyId id = record.id;
    store_.create(std::move(record), [](const Result<>& done) { EXPECT_THAT(done, IsOk()); });
    store_.begin_destroy(**store_.find(id),
                         [](const Result<>& done) { EXPECT_THAT(done, IsOk()); });
  }
  void start() {
    ASSERT_THAT(keys_->start(), IsOk());
    keys_->use({device_});
  }
  bool is_plain() {
    return store_.unfinished(device_->description().identity)->empty() &&
           keys_->left_of(device_->description().identity) == 0;
  }

  InMemoryStore store_;
  Lanes lanes_{{}};
  std::shared_ptr<FakeDevice> device_ = std::make_shared<FakeDevice>();
  std::shared_ptr<DeviceKeys> keys_ = std::make_shared<DeviceKeys>(
      store_, lanes_,
      DeviceKeys::Pauses{std::chrono::milliseconds(10), std::chrono::milliseconds(20)});
};

TEST_F(LeftKeysTest, AreUndoneOrFinishedAtTheStart) {
  reserve(record_of("pending", "one"));
  begin_to_destroy(record_of("going", "two"));
  start();
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(device_->objects(), 0U);
}

TEST_F(LeftKeysTest, GiveTheirNamesBackEvenIfTheDeviceStaysAway) {
  reserve(record_of("pending", "one"));
  const KeyId id = record_of("pending", "one").id;
  device_->is_away = true;
  start();
  EXPECT_TRUE(eventually([&] { return store_.check_free(id).has_value(); }));
  EXPECT_TRUE(eventually([&] { return keys_->left_of(id.provider) == 1; }));
  device_->is_away = false;
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(device_->objects(), 0U);
}

TEST_F(LeftKeysTest, AreManyAndDoneAllTheSame) {
  for (int i = 0; i < 100; ++i)
    reserve(record_of(fmt::format("k{}", i), fmt::format("m{}", i)));
  start();
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(device_->objects(), 0U);
}

TEST_F(LeftKeysTest, AreNotThoseThatARequestIsAtWorkOn) {
  reserve(record_of("pending", "one"));
  const KeyId id = record_of("pending", "one").id;
  const DeviceKeys::Claim claim(keys_, id, 0);
  reserve(record_of("other", "two"));
  start();
  EXPECT_TRUE(eventually([&] { return device_->objects() == 1; }));
  EXPECT_THAT(store_.check_free(id), FailsWith(Status::PsaErrorAlreadyExists));
}

TEST_F(LeftKeysTest, StayWhereTheyAreWhenTheServiceStops) {
  begin_to_destroy(record_of("going", "one"));
  device_->is_away = true;
  start();
  EXPECT_TRUE(eventually([&] { return keys_->left_of(device_->description().identity) == 1; }));
  keys_->stop();
  lanes_.stop();
  EXPECT_THAT(store_.unfinished(device_->description().identity), IsOkAndHolds(SizeIs(1)));
}

}  // namespace
}  // namespace strongroom
