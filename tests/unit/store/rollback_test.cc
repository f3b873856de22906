// Old copies of the whole store: security requirement T3.
#include <filesystem>
#include <map>

#include "service/store/disk/key_table.h"
#include "service/store/keying/rekey.h"
#include "service/store/keying/rollback_guard.h"
#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;

// Counters of a device, which can be away, taken or cut short between any two steps.
class FakeCounter final : public EpochCounter {
 public:
  const std::string& name() const noexcept override { return name_; }
  Result<SecretBuffer> plan() override {
    TRY(step());
    return SecretBuffer::copy_of(view_of(fmt::format("plan {}", ++plans_)));
  }
  Result<std::uint64_t> establish(ByteView plan) override {
    TRY(step());
    auto [found, is_new] = counters_.try_emplace(std::string(text_of(plan)), 0);
    if (is_new) found->second = ++greatest_;
    return found->second;
  }
  Result<std::uint64_t> read(ByteView plan) override {
    TRY(step());
    std::uint64_t* counter = TRY(find(plan));
    return *counter;
  }
  Result<std::uint64_t> advance(ByteView plan, std::uint64_t wanted, Waiting waiting) override {
    waited.push_back(waiting);
    TRY(step());
    std::uint64_t* counter = TRY(find(plan));
    if (*counter + 1 == wanted) greatest_ = std::max(greatest_, ++*counter);
    return *counter;
  }
  Result<> remove(ByteView plan) override {
    TRY(step());
    counters_.erase(std::string(text_of(plan)));
    return {};
  }

  void clear() { counters_.clear(); }
  std::uint64_t value() const { return counters_.empty() ? 0 : counters_.rbegin()->second; }

  bool is_away = false;
  int calls = 0;
  std::vector<Waiting> waited;    // for each step
  std::optional<int> fails_from;  // the call of that number

 private:
  Result<> step() {
    ++calls;
    if (is_away || (fails_from && calls > *fails_from))
      return fail(Status::PsaErrorCommunicationFailure, "the device does not answer");
    return {};
  }
  Result<std::uint64_t*> find(ByteView plan) {
    auto found = counters_.find(std::string(text_of(plan)));
    if (found == counters_.end())
      return fail(Status::PsaErrorDoesNotExist, "it has no such counter");
    return &found->second;
  }

  const std::string name_ = "chip";
  std::map<std::string, std::uint64_t> counters_;
  std::uint64_t greatest_ = 0;
  int plans_ = 0;
};

class RollbackTest : public ::testing::Test {
 protected:
  void SetUp() override { store_.settings.rollback_counter = counter_; }

  void expect_opens() { ASSERT_THAT(store_.open(), IsOk()); }
  void expect_refusal(const std::string& cause) {
    Result<> opened = store_.open();
    ASSERT_THAT(opened, FailsWith(Status::KeyInfoManagerError));
    EXPECT_THAT(opened.error().message(), HasSubstr(cause));
  }
  // As one does who holds the disk, while the store is in use or not.
  void copy(const std::string& name) {
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::remove(store_.file(name) + suffix);
      if (std::filesystem::exists(store_.settings.database + suffix))
        std::filesystem::copy_file(store_.settings.database + suffix, store_.file(name) + suffix);
    }
  }
  void bring_back(const std::string& name) {
    store_.close();
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(store_.settings.database + suffix);
      if (std::filesystem::exists(store_.file(name) + suffix))
        std::filesystem::copy_file(store_.file(name) + suffix, store_.settings.database + suffix);
    }
  }
  void stop() {
    store_->end_epoch(std::chrono::seconds(5));
    store_.close();
  }
  void accept() { ASSERT_THAT(accept_rollback(store_.settings), IsOk()); }

  StoreInDirectory store_;
  const std::shared_ptr<FakeCounter> counter_ = std::make_shared<FakeCounter>();
};

TEST_F(RollbackTest, ANewStoreGetsItsCounterAndCountsAtEachStart) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  const std::uint64_t first = counter_->value();
  store_.close();
  expect_opens();
  EXPECT_EQ(counter_->value(), first + 1);
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
  stop();
  EXPECT_EQ(counter_->value(), first + 2) << "a clean stop counts, too";
}

TEST_F(RollbackTest, AStartWaitsForItsStepsAndChangesDoNot) {
  using enum EpochCounter::Waiting;
  expect_opens();
  EXPECT_THAT(counter_->waited, ::testing::ElementsAre(Start));
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  EXPECT_THAT(counter_->waited, ::testing::ElementsAre(Start, Changes));
  store_.close();
  accept();
  EXPECT_EQ(counter_->waited.back(), Start);
}

TEST_F(RollbackTest, ACopyFromBeforeAStopIsRefused) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  copy("running");
  stop();
  bring_back("running");
  expect_refusal("the store is an old copy: it is of epoch");
}

TEST_F(RollbackTest, ACopyFromBeforeAStartIsRefused) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  copy("between");
  expect_opens();
  bring_back("between");
  expect_refusal("an old copy");
  accept();
  expect_opens();
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_F(RollbackTest, ACopyFromBeforeADestroyIsRefusedOnceThatWasAnswered) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  copy("before");
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  bring_back("before");
  expect_refusal("an old copy");
}

TEST_F(RollbackTest, KeysWithAnObjectInADeviceAreNoOtherThing) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  copy("before");
  ASSERT_THAT(begin_destroy(*store_, "web"), IsOk());
  bring_back("before");
  expect_refusal("an old copy");
}

TEST_F(RollbackTest, OneDestroyAMinuteCounts) {
  expect_opens();
  for (int i = 0; i < 5; ++i)
    ASSERT_THAT(create(*store_, fmt::format("k{}", i)), IsOk());
  const std::uint64_t before = counter_->value();
  for (int i = 0; i < 5; ++i)
    ASSERT_THAT(destroy(*store_, fmt::format("k{}", i)), IsOk());
  EXPECT_EQ(counter_->value(), before + 1);
}

TEST_F(RollbackTest, CreatingAndUsingKeysDoesNotCount) {
  expect_opens();
  const std::uint64_t before = counter_->value();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  ASSERT_THAT(store_->find(id_of("web")), IsOk());
  ASSERT_THAT(destroy(*store_, "absent"), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_EQ(counter_->value(), before);
}

// A kill between the commit and the step, at a start, a stop and a destroy.
TEST_F(RollbackTest, ACommitThatTheCounterDidNotFollowIsMadeGoodByTheNextStart) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  copy("before");
  counter_->is_away = true;
  ASSERT_THAT(destroy(*store_, "web"), IsOk()) << "it does not wait for a device that is away";
  EXPECT_TRUE(store_->health().is_degraded);
  EXPECT_THAT(store_->health().reason, HasSubstr("the device does not answer"));
  store_.close();
  expect_refusal("the device does not answer");
  counter_->is_away = false;
  expect_opens();
  EXPECT_FALSE(settled_health(*store_).is_degraded);
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  bring_back("before");
  expect_refusal("an old copy");
}

TEST_F(RollbackTest, WhileTheDeviceIsAwayOnlyOneDestroyWaitsForIt) {
  expect_opens();
  for (int i = 0; i < 4; ++i)
    ASSERT_THAT(create(*store_, fmt::format("k{}", i)), IsOk());
  counter_->is_away = true;
  const int before = counter_->calls;
  for (int i = 0; i < 4; ++i)
    ASSERT_THAT(destroy(*store_, fmt::format("k{}", i)), IsOk());
  EXPECT_EQ(counter_->calls, before + 1);
}

// Each call to the device is the last one, as a kill would have it; the next start goes on.
TEST_F(RollbackTest, AFirstStartThatIsCutAtAnyStepIsTakenUp) {
  int calls = 0;
  for (bool is_open = false; !is_open; ++calls) {
    ASSERT_LT(calls, 20);
    counter_->fails_from = counter_->calls + calls;
    is_open = store_.open().has_value();
    store_.close();
  }
  EXPECT_GT(calls, 3);
  counter_->fails_from.reset();
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
}

TEST_F(RollbackTest, AStartThatIsCutAtAnyStepIsTakenUp) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  for (int calls = 0; calls < 4; ++calls) {
    counter_->fails_from = counter_->calls + calls;
    std::ignore = store_.open();
    store_.close();
  }
  counter_->fails_from.reset();
  expect_opens();
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_F(RollbackTest, AcceptingThatIsCutAtAnyStepIsRepeated) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  for (int calls = 0; calls < 4; ++calls) {
    counter_->clear();
    counter_->fails_from = counter_->calls + calls;
    std::ignore = accept_rollback(store_.settings);
    counter_->fails_from.reset();
    if (calls < 3) accept();
    expect_opens();
    store_.close();
  }
}

TEST_F(RollbackTest, ADeviceWithoutTheCounterIsRefusedUntilThatIsAccepted) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  counter_->clear();
  expect_refusal("it has no such counter; if you know why, 'strongroom store accept-rollback'");
  accept();
  expect_opens();
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_F(RollbackTest, ACounterThatWentBackIsNotTheOneThatItWas) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  for (int i = 0; i < 4; ++i) {
    store_.close();
    expect_opens();
  }
  store_.close();
  counter_->clear();
  ASSERT_THAT(counter_->establish(view_of("plan 1")), IsOk());
  // Greater than any before, as in a TPM; what comes out of another one's is not.
  copy("now");
  expect_refusal("an old copy");
}

// Else who has a copy from before there was a counter would have one that always passes.
TEST_F(RollbackTest, AStoreThatHadNoCounterNeedsAWordForItsFirst) {
  store_.settings.rollback_counter = nullptr;
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  store_.settings.rollback_counter = counter_;
  expect_refusal("knows no rollback counter of 'chip' yet");
  accept();
  expect_opens();
}

TEST_F(RollbackTest, ACounterThatIsConfiguredNoMoreIsNotAsked) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  store_.settings.rollback_counter = nullptr;
  const int before = counter_->calls;
  expect_opens();
  EXPECT_EQ(counter_->calls, before);
  store_.close();
  store_.settings.rollback_counter = counter_;
  expect_opens();
}

TEST_F(RollbackTest, EpochAndHeadCannotBeMixed) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  copy("old");
  expect_opens();
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  store_.close();
  const std::string head = store_.sql("SELECT hex(value) FROM meta WHERE name = 'head'");
  bring_back("old");
  store_.sql(fmt::format("UPDATE meta SET value = x'{}' WHERE name = 'head'", head));
  expect_opens();
  EXPECT_TRUE(settled_health(*store_).is_degraded) << "the rows are not those of the head";
}

TEST_F(RollbackTest, AHeadThatDoesNotVerifyHasNoAge) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  store_.sql("UPDATE meta SET value = zeroblob(120) WHERE name = 'head'");
  expect_refusal("nobody knows how old the store is");
}

TEST_F(RollbackTest, ARotatedStoreKeepsItsCounter) {
  expect_opens();
  ASSERT_THAT(create(*store_, "web"), IsOk());
  store_.close();
  ASSERT_THAT(rotate_store_key(store_.settings, nullptr), IsOk());
  expect_opens();
  EXPECT_THAT(store_->find(id_of("web")), IsOk());
}

TEST_F(RollbackTest, AnImageLeavesNoCounterBehind) {
  expect_opens();
  store_.close();
  ASSERT_NE(counter_->value(), 0U);
  ASSERT_THAT(forget_store(store_.settings), IsOk());
  EXPECT_EQ(counter_->value(), 0U);
  expect_opens();
}

TEST_F(RollbackTest, AnImageIsMadeWithoutTheDevice) {
  expect_opens();
  store_.close();
  counter_->is_away = true;
  EXPECT_THAT(forget_store(store_.settings), IsOk());
}

}  // namespace
}  // namespace strongroom::testing
