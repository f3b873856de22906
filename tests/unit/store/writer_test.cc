#include "service/store/writer.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <semaphore>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Change change_of(std::uint64_t serial) {
  return FinishDestroyKey{serial};
}

// Commits when it is let, and fails serial 13 alone.
class FakeWork final : public WriterWork {
 public:
  std::vector<Result<>> commit(std::span<const Change* const> group) override {
    ++commits_;
    entered_.release();
    if (is_held_) let_.acquire();
    std::this_thread::sleep_for(lasts_);
    sizes_.push_back(group.size());
    std::vector<Result<>> results;
    for (const Change* change : group) {
      std::uint64_t serial = std::get<FinishDestroyKey>(*change).serial;
      order_.push_back(serial);
      if (serial == 13)
        results.emplace_back(fail(Status::PsaErrorDoesNotExist, "unlucky"));
      else
        results.emplace_back();
    }
    return results;
  }
  std::optional<Clock::time_point> tend() override {
    ++tended_;
    return std::nullopt;
  }
  void became_stuck(bool is_stuck) override {
    is_stuck_ = is_stuck;
    if (is_stuck) was_stuck_ = true;
  }

  std::atomic<bool> is_held_ = false;
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> let_{0};
  std::atomic<int> commits_ = 0;
  std::atomic<int> tended_ = 0;
  std::atomic<bool> is_stuck_ = false;
  std::atomic<bool> was_stuck_ = false;
  std::chrono::milliseconds lasts_{0};  // a commit; set before the writer is made
  std::vector<std::size_t> sizes_;      // read once the writer has ended
  std::vector<std::uint64_t> order_;    // likewise
};

class Answer {
 public:
  Committed callback() {
    return [this](Result<> result) { promise_.set_value(std::move(result)); };
  }
  Result<> get() { return future_.get(); }
  bool is_there() { return future_.wait_for(0s) == std::future_status::ready; }

 private:
  std::promise<Result<>> promise_;
  std::future<Result<>> future_ = promise_.get_future();
};

TEST(WriterTest, WhatQueuesUpDuringACommitSharesTheNext) {
  FakeWork work;
  work.is_held_ = true;
  {
    Writer writer(work, 5s);
    writer.submit(change_of(1), [](const auto&) {});
    work.entered_.acquire();
    for (std::uint64_t i = 2; i <= 400; ++i)
      writer.submit(change_of(i), [](const auto&) {});
    work.is_held_ = false;
    work.let_.release();
  }
  EXPECT_THAT(work.sizes_, ElementsAre(1, Writer::kGroup, 399 - Writer::kGroup));
  EXPECT_TRUE(std::ranges::is_sorted(work.order_));
}

TEST(WriterTest, FailureOfOneChangeLeavesTheOthers) {
  FakeWork work;
  Writer writer(work, 5s);
  Answer bad;
  Answer good;
  writer.submit(change_of(13), bad.callback());
  writer.submit(change_of(14), good.callback());
  EXPECT_THAT(bad.get(), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(good.get(), IsOk());
}

TEST(WriterTest, OverdueChangesAreAnsweredAndThoseNotBegunNeverHappen) {
  FakeWork work;
  work.is_held_ = true;
  {
    Writer writer(work, 100ms);
    Answer begun;
    Answer waiting;
    writer.submit(change_of(1), begun.callback());
    work.entered_.acquire();
    writer.submit(change_of(2), waiting.callback());
    EXPECT_THAT(begun.get(), FailsWith(Status::KeyInfoManagerError));
    EXPECT_THAT(waiting.get(), FailsWith(Status::KeyInfoManagerError));
    EXPECT_TRUE(work.is_stuck_);
    Answer later;
    writer.submit(change_of(3), later.callback());
    EXPECT_FALSE(later.is_there());
    work.is_held_ = false;
    work.let_.release();
    EXPECT_THAT(later.get(), IsOk());
    EXPECT_FALSE(work.is_stuck_);
  }
  EXPECT_THAT(work.order_, ElementsAre(1, 3));
}

TEST(WriterTest, LongQueueIsNoStuckCommit) {
  FakeWork work;
  work.lasts_ = 300ms;
  std::atomic<std::size_t> overdue = 0;
  {
    Writer writer(work, 600ms);
    for (std::uint64_t i = 0; i < 6 * Writer::kGroup; ++i)
      writer.submit(change_of(100 + i), [&overdue](const Result<>& result) {
        if (!result) ++overdue;
      });
  }
  EXPECT_GT(overdue, 0U);
  EXPECT_FALSE(work.was_stuck_);
}

TEST(WriterTest, RunsWhatIsPostedWhileItIsIdle) {
  FakeWork work;
  Writer writer(work, 5s);
  for (auto post : {&Writer::post_to_writer, &Writer::post_to_watcher}) {
    std::promise<void> done;
    (writer.*post)([&done] { done.set_value(); });
    EXPECT_EQ(done.get_future().wait_for(10s), std::future_status::ready);
  }
}

TEST(WriterTest, RunsNothingPostedWhileACommitLastsButTheWatcherDoes) {
  FakeWork work;
  work.is_held_ = true;
  std::promise<void> by_writer;
  std::promise<void> by_watcher;
  std::future<void> written = by_writer.get_future();
  Writer writer(work, 5s);
  Answer answer;
  writer.submit(change_of(1), answer.callback());
  work.entered_.acquire();
  writer.post_to_writer([&] { by_writer.set_value(); });
  writer.post_to_watcher([&] { by_watcher.set_value(); });
  EXPECT_EQ(by_watcher.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(written.wait_for(0s), std::future_status::timeout);
  work.let_.release();
  EXPECT_THAT(answer.get(), IsOk());
  EXPECT_EQ(written.wait_for(10s), std::future_status::ready);
}

TEST(WriterTest, ChangesInTimeAreAnsweredOnceAcrossManyTimeouts) {
  FakeWork work;
  std::atomic<int> answers = 0;
  std::atomic<int> failures = 0;
  {
    Writer writer(work, 20ms);
    for (int round = 0; round < 20; ++round) {
      Answer answer;
      writer.submit(change_of(1), [&](Result<> result) {
        ++answers;
        if (!result) ++failures;
      });
      writer.submit(change_of(2), answer.callback());
      EXPECT_THAT(answer.get(), IsOk());
      std::this_thread::sleep_for(3ms);
    }
  }
  EXPECT_EQ(answers, 20);
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace strongroom::testing
