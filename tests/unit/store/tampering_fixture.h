// A store with three keys, one who edits its file, and what has to come of that.
#pragma once

#include <string>

#include "service/store/fsck.h"
#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {

class TamperingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(store_.open(), IsOk());
    for (const char* name : {"web", "mail", "other"})
      ASSERT_THAT(create(*store_, name), IsOk());
  }

  void tamper(const std::string& statements) {
    store_.close();
    store_.sql(statements);
    ASSERT_THAT(store_.open(), IsOk());
  }

  void expect_noticed() {
    StoreHealth health = settled_health(*store_);
    EXPECT_TRUE(health.is_degraded);
    EXPECT_FALSE(health.reason.empty());
  }

  void expect_usable(const std::string& name) {
    Result<KeyRecordPtr> found = store_->find(id_of(name));
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(material_of(**found), "secret of " + name);
  }

  void expect_unreadable(const std::string& name) {
    EXPECT_THAT(store_->find(id_of(name)), FailsWith(Status::PsaErrorDataCorrupt));
    EXPECT_THAT(create(*store_, name), FailsWith(Status::PsaErrorAlreadyExists));
    EXPECT_THAT(destroy(*store_, name), FailsWith(Status::PsaErrorDataCorrupt));
    EXPECT_GE(store_->health().unreadable_records, 1U);
  }

  CheckReport fsck(CheckMode mode) {
    store_.close();
    Result<CheckReport> report = check_store(store_.settings, mode);
    EXPECT_THAT(report, IsOk());
    return report ? *std::move(report) : CheckReport();
  }

  void expect_healthy_once_accepted() {
    EXPECT_TRUE(fsck(CheckMode::Report).is_damaged());
    EXPECT_TRUE(fsck(CheckMode::Accept).is_accepted);
    ASSERT_THAT(store_.open(), IsOk());
    StoreHealth health = settled_health(*store_);
    EXPECT_FALSE(health.is_degraded) << health.reason;
  }

  StoreInDirectory store_;
};

}  // namespace strongroom::testing
