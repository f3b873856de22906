// When requests may go to a TPM, and what is remembered of it.
#include "providers/tpm/upkeep/tpm_upkeep.h"

#include <future>
#include <thread>

#include "tests/support/fake_notes.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::FakeNotes;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr auto kDown = Status::PsaErrorHardwareFailure;

class UpkeepTest : public TpmFixture {
 protected:
  // Not while a look still holds what is let go of: the thread would outlive the test's faults.
  void TearDown() override {
    upkeep.reset();
    if (executor) drain();
    executor.reset();
  }
  // As a process would that has just started.
  void start(Tpm::Settings chosen) {
    TearDown();
    executor = std::make_shared<Executor>(made(std::move(chosen)));
    upkeep = make_upkeep("tpm", executor);
    upkeep->begin(notes);
  }
  void start() { start(settings()); }
  void start_and_look() {
    start();
    upkeep->await_first_look(20s);
  }
  bool is_up_within(std::chrono::milliseconds limit) const {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (upkeep->health().state != ProviderState::Up) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(5ms);
    }
    return true;
  }
  Tpm::Settings with_password(std::string_view password) {
    auto chosen = settings();
    chosen.owner_auth = *SecretBuffer::copy_of(view_of(password));
    return chosen;
  }
  // Waits for what was asked of the executor before.
  void drain() {
    std::ignore = executor->run<int>(10s, [](Tpm&) -> Outcome<int> { return 0; });
  }
  Result<std::string> answer_to(void (Upkeep::*wish)(Maintenance::Done)) {
    std::promise<Result<std::string>> answer;
    (upkeep.get()->*wish)([&](Result<std::string> told) { answer.set_value(std::move(told)); });
    return answer.get_future().get();
  }

  std::shared_ptr<FakeNotes> notes = std::make_shared<FakeNotes>();
  std::shared_ptr<Executor> executor;
  std::shared_ptr<Upkeep> upkeep;
};

TEST_F(UpkeepTest, AFirstRootIsNotedDurablyBeforeAnythingIsAdmitted) {
  notes->hold();
  start();
  while (!notes->has("storage root"))
    std::this_thread::sleep_for(1ms);
  drain();
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  EXPECT_EQ(upkeep->health().state, ProviderState::Recovering);
  notes->tell();
  EXPECT_TRUE(is_up_within(5s));
  EXPECT_THAT(upkeep->admit(), IsOk());
}

TEST_F(UpkeepTest, ARootThatCannotBeNotedIsNotUsed) {
  notes->fail_with(Status::PsaErrorInsufficientStorage);
  start_and_look();
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  notes->fail_with(Status::Success);
  EXPECT_TRUE(is_up_within(5s));
}

TEST_F(UpkeepTest, NotesThatDoNotVerifyAreNotWrittenOver) {
  notes->fail_with(Status::PsaErrorDataCorrupt);
  start_and_look();
  EXPECT_EQ(upkeep->health().state, ProviderState::Down);
  EXPECT_THAT(upkeep->health().reason, HasSubstr("recalling the storage root's name"));
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 0U);
}

TEST_F(UpkeepTest, ANoteThatIsGoneIsNotMadeAnewByItself) {
  start_and_look();
  TearDown();
  notes->lose("storage root");
  notes->absence_is(ProviderNotes::Absence::Lost);
  start_and_look();
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  EXPECT_THAT(upkeep->health().reason, HasSubstr("'strongroom provider accept-root tpm'"));
  EXPECT_FALSE(is_up_within(1s));
  EXPECT_FALSE(notes->has("storage root"));
  EXPECT_THAT(answer_to(&Upkeep::accept_root), IsOk());
  EXPECT_THAT(upkeep->admit(), IsOk());
  start_and_look();
  EXPECT_THAT(upkeep->admit(), IsOk());
}

TEST_F(UpkeepTest, WhetherANoteIsGoneIsWaitedFor) {
  notes->absence_is(ProviderNotes::Absence::NotKnownYet);
  start();
  EXPECT_FALSE(is_up_within(500ms));
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  EXPECT_FALSE(notes->has("storage root"));
  notes->absence_is(ProviderNotes::Absence::NeverKept);
  EXPECT_TRUE(is_up_within(5s));
}

TEST_F(UpkeepTest, AnotherTpmIsRefusedByTheNote) {
  start_and_look();
  ASSERT_THAT(upkeep->admit(), IsOk());
  TearDown();
  tpm().replace();
  start_and_look();
  const Result<> refused = upkeep->admit();
  ASSERT_THAT(refused, FailsWith(kDown));
  EXPECT_THAT(refused.error().message(), HasSubstr("another TPM"));
  EXPECT_THAT(answer_to(&Upkeep::accept_root), IsOk());
  EXPECT_THAT(upkeep->admit(), IsOk());
  start_and_look();
  EXPECT_THAT(upkeep->admit(), IsOk()) << "and the next process takes it, too";
}

TEST_F(UpkeepTest, NothingIsDoneBelowANewRootBeforeItIsNoted) {
  start_and_look();
  TearDown();
  tpm().replace();
  start_and_look();
  notes->hold();
  std::promise<Result<std::string>> answer;
  upkeep->accept_root([&](Result<std::string> told) { answer.set_value(std::move(told)); });
  drain();
  const auto use = [this] {
    return executor->run<int>(10s, [](Tpm& used) -> Outcome<int> {
      TRY(draw_random(used.secured(), 8));
      return 0;
    });
  };
  EXPECT_THAT(use(), FailsWith(kDown)) << "as of one who was admitted before";
  EXPECT_FALSE(is_up_within(1s)) << "looks come in between";
  notes->tell();
  EXPECT_THAT(answer.get_future().get(), IsOk());
  EXPECT_THAT(upkeep->admit(), IsOk());
  EXPECT_THAT(use(), IsOk());
}

TEST_F(UpkeepTest, UnlockingTriesTheEndorsementHierarchyAgain) {
  {
    testing::Esys owner(tpm().tcti());
    owner.set_password(ESYS_TR_RH_ENDORSEMENT, bytes_of("correct horse"));
  }
  start_and_look();
  const auto load = [this] {
    return executor->run<int>(10s, [](Tpm& used) -> Outcome<int> {
      TRY(used.endorsement().endorsement_key(used.secured(), used.keys()));
      return 0;
    });
  };
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("'strongroom provider unlock'"));
  faults.forget_sent();
  EXPECT_FALSE(load());
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 0U) << "not tried again";
  EXPECT_THAT(answer_to(&Upkeep::unlock), IsOk());
  EXPECT_FALSE(load());
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 1U);
  TearDown();
  tpm().replace();
}

TEST_F(UpkeepTest, ARootThatCannotBeNotedIsNotAcceptedEither) {
  start_and_look();
  TearDown();
  tpm().replace();
  start_and_look();
  notes->fail_with(Status::PsaErrorInsufficientStorage);
  EXPECT_THAT(answer_to(&Upkeep::accept_root), FailsWith(Status::PsaErrorInsufficientStorage));
  notes->fail_with(Status::Success);
  EXPECT_FALSE(is_up_within(1s));
}

TEST_F(UpkeepTest, ARefusedPasswordIsNotTriedAgainWhateverRestarts) {
  {
    testing::Esys owner(tpm().tcti());
    owner.set_owner_password(bytes_of("correct horse"));
  }
  for (int round = 0; round < 3; ++round) {
    start(with_password("battery staple"));
    upkeep->await_first_look(20s);
    EXPECT_THAT(upkeep->health().reason, HasSubstr("password is wrong"));
    drain();
  }
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 2U) << "on two sessions";
  start(with_password("correct horse"));
  upkeep->await_first_look(20s);
  EXPECT_THAT(upkeep->admit(), IsOk());
  drain();
  EXPECT_FALSE(notes->has("refused owner password"));
  TearDown();
  tpm().replace();
}

TEST_F(UpkeepTest, UnlockingTriesARefusedPasswordOnceMore) {
  {
    testing::Esys owner(tpm().tcti());
    owner.set_owner_password(bytes_of("correct horse"));
  }
  start(with_password("battery staple"));
  upkeep->await_first_look(20s);
  EXPECT_THAT(answer_to(&Upkeep::unlock), FailsWith(kDown));
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 4U);
  start(with_password("battery staple"));
  upkeep->await_first_look(20s);
  drain();
  EXPECT_EQ(faults.count_of(TPM2_CC_CreatePrimary), 4U);
  TearDown();
  tpm().replace();
}

TEST_F(UpkeepTest, UnlockingWhileTheTpmIsAwayEndsNoLooks) {
  start_and_look();
  WithSwTpm::tpm().kill();
  upkeep->note_failure(Error(Status::PsaErrorHardwareFailure, "gone"));
  while (upkeep->health().state != ProviderState::Down)
    std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 3; ++i)
    std::ignore = answer_to(&Upkeep::unlock);
  // By then the look that was due before has come.
  std::this_thread::sleep_for(2500ms);
  WithSwTpm::tpm().start();
  EXPECT_TRUE(is_up_within(10s));
}

TEST_F(UpkeepTest, OneFailureThatLeavesNothingBehindKeepsNobodyOut) {
  start_and_look();
  upkeep->note_failure(Error(Status::PsaErrorCommunicationFailure, "an altered answer"));
  EXPECT_THAT(upkeep->admit(), IsOk());
  EXPECT_TRUE(is_up_within(5s));
}

TEST_F(UpkeepTest, FailuresThatAreNotTheDevicesAreNone) {
  start_and_look();
  for (Status status : {Status::PsaErrorInvalidArgument, Status::PsaErrorInsufficientMemory}) {
    upkeep->note_failure(Error(status, "a request's own"));
    EXPECT_EQ(upkeep->health().state, ProviderState::Up);
  }
}

TEST_F(UpkeepTest, ATpmThatIsSilentIsKeptFromRequestsUntilItSpeaks) {
  start_and_look();
  tpm().freeze();
  auto late = executor->run<int>(200ms, [](Tpm& used) -> Outcome<int> {
    TRY(draw_random(used.secured(), 8));
    return 0;
  });
  ASSERT_THAT(late, FailsWith(Status::PsaErrorCommunicationFailure));
  upkeep->note_failure(late.error());
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  tpm().thaw();
  EXPECT_TRUE(is_up_within(5s));
}

TEST_F(UpkeepTest, AfterTheEndOfServiceNobodyWaits) {
  start_and_look();
  tpm().freeze();
  std::thread stopper([this] {
    std::this_thread::sleep_for(100ms);
    upkeep->close();
  });
  auto waiting = executor->run<int>(20s, [](Tpm& used) -> Outcome<int> {
    TRY(draw_random(used.secured(), 8));
    return 0;
  });
  stopper.join();
  EXPECT_THAT(waiting, FailsWith(Status::ConnectionError));
  EXPECT_THAT(upkeep->admit(), FailsWith(Status::ConnectionError));
  tpm().thaw();
  drain();
}

TEST_F(UpkeepTest, TheEndOfServiceLetsGoOfOperators) {
  start_and_look();
  tpm().freeze();
  auto hanging = executor->run<int>(20ms, [](Tpm& used) -> Outcome<int> {
    TRY(draw_random(used.secured(), 8));
    return 0;
  });
  ASSERT_THAT(hanging, FailsWith(Status::PsaErrorCommunicationFailure));
  auto held = std::make_shared<int>(0);
  upkeep->unlock([held](const Result<std::string>&) {});
  EXPECT_EQ(held.use_count(), 2);
  upkeep->close();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_THAT(answer_to(&Upkeep::accept_root), FailsWith(Status::ConnectionError));
  tpm().thaw();
  drain();
}

TEST_F(UpkeepTest, UntilItBeginsNothingIsAdmittedAndNothingIsChanged) {
  executor = std::make_shared<Executor>(made());
  upkeep = make_upkeep("tpm", executor);
  EXPECT_THAT(upkeep->admit(), FailsWith(kDown));
  EXPECT_EQ(upkeep->health().state, ProviderState::Recovering);
  EXPECT_THAT(answer_to(&Upkeep::unlock), FailsWith(kDown));
  EXPECT_THAT(answer_to(&Upkeep::accept_root), FailsWith(kDown));
  EXPECT_TRUE(faults.sent().empty());
  upkeep->begin(notes);
  EXPECT_TRUE(is_up_within(5s));
}

TEST_F(UpkeepTest, WithoutUpkeepEverythingIsAdmitted) {
  executor = std::make_shared<Executor>(made());
  upkeep = make_upkeep("tpm", executor, Upkeep::Kind::None);
  EXPECT_THAT(upkeep->admit(), IsOk());
  EXPECT_EQ(upkeep->health().state, ProviderState::Up);
  EXPECT_THAT(answer_to(&Upkeep::unlock), FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(UpkeepTest, OneThatHasGoneIsNotLookedAfter) {
  start();
  std::weak_ptr<Upkeep> gone = upkeep;
  upkeep.reset();
  drain();
  EXPECT_TRUE(gone.expired());
}

}  // namespace
}  // namespace strongroom::tpm
