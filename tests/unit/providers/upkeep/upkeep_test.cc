// What keeps any device in use. With real ones: tests/unit/tpm/ and tests/unit/pkcs11/.
#include "providers/upkeep/upkeep.h"

#include <map>
#include <thread>

#include "base/wall_clock.h"
#include "tests/support/fake_notes.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::FakeNotes;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr auto kDown = Status::PsaErrorHardwareFailure;
constexpr DeviceWords kWords{.component = "test",
                             .device = "box",
                             .identity = "number",
                             .identity_note = "number",
                             .secret = "combination",
                             .refusal_note = "refused combination"};

// There, unless it is told otherwise, and whichever it is told to be.
class Box final : public UpkeptDevice {
 public:
  Result<> look() override {
    ++looks;
    if (!is_there) return fail(kDown, "no box");
    if (!pinned.empty() && pinned != number) return fail(kDown, "another box");
    return {};
  }
  Bytes identity() override { return pinned.empty() ? number : pinned; }
  std::string text_of(const Bytes& identity) const override {
    return fmt::format("box {}", to_hex(identity));
  }
  void pin(Bytes identity) override { pinned = std::move(identity); }
  std::string remark() const override { return falls_short; }
  std::optional<RefusedSecret> refused() override { return refusal; }
  void refuse(std::optional<RefusedSecret> secret) override { refusal = secret; }
  void unlock() override { refusal.reset(); }

  bool is_there = true;
  Bytes number = bytes_of("1");
  Bytes pinned;
  std::string falls_short;
  std::optional<RefusedSecret> refusal;
  int looks = 0;
};

// Runs what was posted when it is told to.
class Bench final : public DeviceThread {
 public:
  explicit Bench(Box& box) : box_(box) {}
  void post(Job job, Clock::time_point when) override { jobs_.emplace(when, std::move(job)); }
  bool is_overdue() const override { return false; }
  void close() override { jobs_.clear(); }

  // However late it would be due.
  bool run_one() {
    if (jobs_.empty()) return false;
    Job job = std::move(jobs_.extract(jobs_.begin()).mapped());
    job(box_);
    return true;
  }

 private:
  Box& box_;
  std::multimap<Clock::time_point, Job> jobs_;
};

class AnyUpkeepTest : public ::testing::Test {
 protected:
  // Until it is up, or has been looked at often enough.
  void run() {
    for (int i = 0; i < 10 && upkeep->health().state != ProviderState::Up; ++i)
      bench->run_one();
  }
  void begin() {
    upkeep->begin(notes);
    run();
  }

  Box box;
  std::shared_ptr<Bench> bench = std::make_shared<Bench>(box);
  std::shared_ptr<FakeNotes> notes = std::make_shared<FakeNotes>();
  std::shared_ptr<Upkeep> upkeep = std::make_shared<Upkeep>("box", kWords, bench);
};

TEST_F(AnyUpkeepTest, WhatFallsShortIsToldWhileItServes) {
  box.falls_short = "the lid does not close";
  begin();
  EXPECT_THAT(upkeep->admit(), IsOk());
  EXPECT_EQ(upkeep->health().state, ProviderState::Up);
  EXPECT_EQ(upkeep->health().reason, "the lid does not close");
}

TEST_F(AnyUpkeepTest, TellsSinceWhenItIsDegradedOrDown) {
  begin();
  const std::chrono::sys_seconds up = upkeep->health().since;
  while (now_in_seconds() == up)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  upkeep->note_failure(Error(kDown, "no answer"));
  const ProviderHealth degraded = upkeep->health();
  EXPECT_EQ(degraded.state, ProviderState::Degraded);
  EXPECT_GT(degraded.since, up);
  while (now_in_seconds() == degraded.since)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  upkeep->note_failure(Error(kDown, "no answer still"));
  EXPECT_EQ(upkeep->health().since, degraded.since);
  box.is_there = false;
  bench->run_one();
  EXPECT_EQ(upkeep->health().state, ProviderState::Down);
  EXPECT_GT(upkeep->health().since, degraded.since);
}

TEST_F(AnyUpkeepTest, AnIdentityIsPinnedOnceItIsNoted) {
  notes->fail_with(Status::PsaErrorInsufficientStorage);
  begin();
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  EXPECT_TRUE(box.pinned.empty());
  notes->fail_with(Status::Success);
  // A look that is due later is not begun before.
  std::this_thread::sleep_for(CircuitBreaker::Pauses().longest);
  run();
  EXPECT_THAT(upkeep->admit(), IsOk());
  EXPECT_EQ(box.pinned, bytes_of("1"));
}

TEST_F(AnyUpkeepTest, AnAcceptanceThatFindsNothingLeavesItAsItWas) {
  begin();
  box.is_there = false;
  std::optional<Result<std::string>> told;
  upkeep->accept_root([&](Result<std::string> answer) { told = std::move(answer); });
  bench->run_one();
  ASSERT_TRUE(told);
  EXPECT_THAT(*told, FailsWith(kDown));
  EXPECT_EQ(box.pinned, bytes_of("1"));
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown)) << "and what it has found is known";
}

TEST_F(AnyUpkeepTest, ARefusalIsNotedWhenItReturns) {
  begin();
  const auto refused = RefusedSecret::of(view_of("1234"));
  ASSERT_THAT(refused, IsOk());
  upkeep->note_refused(*refused);
  EXPECT_TRUE(notes->has("refused combination"));
}

TEST(RefusedSecret, IsKnownAgainAndNoOther) {
  const auto refused = RefusedSecret::of(view_of("1234"));
  ASSERT_THAT(refused, IsOk());
  EXPECT_TRUE(refused->is(view_of("1234")));
  EXPECT_FALSE(refused->is(view_of("1235")));
  const auto stored = refused->to_stored();
  ASSERT_THAT(stored, IsOk());
  EXPECT_EQ(RefusedSecret::from_stored(stored->reveal()), *refused);
  EXPECT_EQ(std::string(text_of(stored->reveal())).find("1234"), std::string::npos);
  EXPECT_EQ(RefusedSecret::from_stored(view_of("1234")), std::nullopt);
}

}  // namespace
}  // namespace strongroom
