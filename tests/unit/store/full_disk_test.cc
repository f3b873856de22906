// Security requirement T4 on a file system that is really full.
#include <cerrno>
#include <fstream>
#include <future>
#include <set>
#include <sys/mount.h>

#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

// A tmpfs of its own for the store.
class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, "size=3m,mode=0700") != 0)
      GTEST_SKIP() << "needs root to mount a tmpfs: errno " << errno;
    is_mounted_ = true;
    settings_.database = directory_.path() + "/keys.db";
    settings_.key_source = file_key_source(directory_.path() + "/store.key");
    open();
  }

  void TearDown() override {
    store_.reset();
    if (is_mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }

  void open() {
    store_.reset();
    auto opened = SqliteStore::open(settings_);
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }

  // Until the first refusal, which it gives.
  Result<> fill() {
    for (int i = 0; i < 10'000; ++i) {
      std::string name = fmt::format("key{}", acknowledged_.size());
      if (Result<> result = create(*store_, name); !result) return result;
      acknowledged_.insert(name);
    }
    return {};
  }

  void expect_all_there() {
    for (const std::string& name : acknowledged_) {
      Result<KeyRecordPtr> found = store_->find(id_of(name));
      ASSERT_THAT(found, IsOk()) << name;
      EXPECT_EQ(material_of(**found), "secret of " + name);
    }
    EXPECT_EQ(store_->keys_of(id_of("").application)->size(), acknowledged_.size());
  }

  TemporaryDirectory directory_;
  bool is_mounted_ = false;
  StoreSettings settings_;
  std::unique_ptr<SqliteStore> store_;
  std::set<std::string> acknowledged_;
};

TEST_F(FullDiskTest, RefusesKeysAndLosesNone) {
  EXPECT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_GT(acknowledged_.size(), 100U);
  EXPECT_TRUE(store_->health().is_degraded);
  expect_all_there();
  open();
  expect_all_there();
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_degraded) << health.reason;
}

TEST_F(FullDiskTest, WhatCannotBeReplacedStays) {
  ASSERT_THAT(create(*store_, "note"), IsOk());
  ASSERT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  KeyRecord larger = record_of("note");
  larger.public_key = Bytes(100'000, std::byte{1});
  EXPECT_THAT(done(*store_, &Store::replace, std::move(larger)),
              FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_THAT(store_->find(id_of("note")), IsOk());
  open();
  Result<KeyRecordPtr> found = store_->find(id_of("note"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ((*found)->public_key, record_of("note").public_key);
}

TEST_F(FullDiskTest, TakesKeysAgainOnceThereIsRoom) {
  write_file(directory_.path() + "/ballast", std::string(1'000'000, 'x'));
  ASSERT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  ASSERT_EQ(::unlink((directory_.path() + "/ballast").c_str()), 0);
  EXPECT_TRUE(eventually([this] { return !store_->health().is_degraded; }))
      << "recovers without a request";
  ASSERT_THAT(create(*store_, "late"), IsOk());
  acknowledged_.insert("late");
  expect_all_there();
  open();
  expect_all_there();
}

// Changes that arrive together share a transaction, which as a whole does not fit.
TEST_F(FullDiskTest, DestroysKeysEvenInAGroupWithThoseThatFindNoRoom) {
  ASSERT_THAT(fill(), FailsWith(Status::PsaErrorInsufficientStorage));
  EXPECT_FALSE(std::ofstream(directory_.path() + "/rest")
               << std::string(4'000'000, 'x') << std::flush);
  std::vector<std::future<Result<>>> destroyed;
  for (int i = 0; i < 20; ++i) {
    store_->create(record_of(fmt::format("late{}", i)), [](const Result<>&) {});
    auto answer = std::make_shared<std::promise<Result<>>>();
    destroyed.push_back(answer->get_future());
    store_->destroy(id_of(fmt::format("key{}", i)),
                    [answer](Result<> result) { answer->set_value(std::move(result)); });
  }
  for (auto& each : destroyed)
    EXPECT_THAT(each.get(), IsOk());
}

}  // namespace
}  // namespace strongroom::testing
