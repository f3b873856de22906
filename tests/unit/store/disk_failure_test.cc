// Writes that fail for another reason than a full disk: a file size limit gives EFBIG, which SQLite
// reports as an I/O error.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <set>
#include <sys/resource.h>
#include <thread>

#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::SizeIs;

class DiskFailureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual_), 0);
    ASSERT_THAT(store_.open(), IsOk());
    ASSERT_THAT(create(*store_, "before"), IsOk());
  }
  void TearDown() override {
    repair();
    store_.close();
    std::signal(SIGXFSZ, SIG_DFL);
  }

  void break_writes() {
    struct rlimit small = usual_;
    small.rlim_cur = 1;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  void repair() { ::setrlimit(RLIMIT_FSIZE, &usual_); }

  struct rlimit usual_{};
  StoreInDirectory store_;
};

TEST_F(DiskFailureTest, FailsChangesAndStillReads) {
  break_writes();
  EXPECT_THAT(create(*store_, "during"), FailsWith(Status::KeyInfoManagerError));
  EXPECT_TRUE(store_->health().is_degraded);
  EXPECT_THAT(store_->find(id_of("before")), IsOk());
  EXPECT_THAT(store_->check_free(id_of("during")), IsOk());
}

TEST_F(DiskFailureTest, RecoversByItselfAndLosesNothingAcknowledged) {
  break_writes();
  EXPECT_THAT(create(*store_, "during"), FailsWith(Status::KeyInfoManagerError));
  repair();
  EXPECT_TRUE(eventually([this] { return !store_->health().is_degraded; }));
  EXPECT_THAT(create(*store_, "during"), IsOk());
  EXPECT_THAT(store_->find(id_of("before")), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->keys_of(id_of("").application), IsOkAndHolds(SizeIs(2)));
  StoreHealth health = settled_health(*store_);
  EXPECT_FALSE(health.is_degraded) << health.reason;
}

TEST_F(DiskFailureTest, NextChangeAfterTheFailureSucceedsAtOnce) {
  break_writes();
  EXPECT_THAT(destroy(*store_, "before"), FailsWith(Status::KeyInfoManagerError));
  repair();
  EXPECT_THAT(destroy(*store_, "before"), IsOk());
  EXPECT_FALSE(store_->health().is_degraded);
}

TEST_F(DiskFailureTest, FailureOfAGroupFailsAllOfItAndNoneIsThere) {
  break_writes();
  std::vector<std::promise<Result<>>> answers(100);
  for (std::size_t i = 0; i < answers.size(); ++i)
    store_->create(record_of(fmt::format("key{}", i)),
                   [&answers, i](Result<> result) { answers[i].set_value(std::move(result)); });
  for (std::promise<Result<>>& answer : answers)
    EXPECT_THAT(answer.get_future().get(), FailsWith(Status::KeyInfoManagerError));
  repair();
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->keys_of(id_of("").application), IsOkAndHolds(SizeIs(1)));
}

std::chrono::microseconds time_on_a_core() {
  struct rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return in(used.ru_utime) + in(used.ru_stime);
}

TEST_F(DiskFailureTest, CheckThatFailsLeavesTheWriterAtRest) {
  break_writes();
  EXPECT_THAT(create(*store_, "during"), FailsWith(Status::KeyInfoManagerError));
  const std::filesystem::path database = store_.settings.database;
  std::filesystem::rename(database, database.string() + ".away");
  std::filesystem::create_directory(database);
  for (int i = 0; i < 2; ++i) {
    std::promise<Result<CheckReportPtr>> answer;
    store_->check(CheckMode::Report, [&answer](Result<CheckReportPtr> report) {
      answer.set_value(std::move(report));
    });
    EXPECT_THAT(answer.get_future().get(), FailsWith(Status::KeyInfoManagerError));
  }
  const auto before = time_on_a_core();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_LT(time_on_a_core() - before, std::chrono::milliseconds(60));
  std::filesystem::remove(database);
  std::filesystem::rename(database.string() + ".away", database);
}

}  // namespace
}  // namespace strongroom::testing
