// Which worker serves whom, when others are started, and who waits for what.
#include "tests/unit/token_worker/scene.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

TEST(WorkerPoolTest, OnlyAsManyWorkersAreStartedAsWorkNeeds) {
  auto with = settings();
  with.workers = 3;
  Scene scene(once([](WorkerSide& side) { side.answer(Reply::Done, Bytes(256)); }), with);
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(signature_of(scene), IsOk());
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(WorkerPoolTest, RequestsAtOnceAreServedByWorkersOfTheirOwn) {
  auto with = settings();
  with.workers = 2;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start()) return;
        while (side.receive()) {
          most = std::max<int>(most, ++at_once);
          eventually([&] { return most >= 2; }, kPatience / 2);
          --at_once;
          side.answer(Reply::Done, Bytes(256));
        }
      },
      with);
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i)
      clients.emplace_back([&] {
        for (int j = 0; j < 5; ++j)
          EXPECT_THAT(signature_of(scene), IsOk());
      });
  }
  EXPECT_EQ(most, 2);
  EXPECT_EQ(scene.workers->started(), 2);
}

TEST(WorkerPoolTest, WhoWaitsForAWorkerLongerThanHisPatienceFails) {
  auto with = settings();
  with.token.patience = 500ms;
  std::atomic<bool> is_busy = false;
  std::atomic<bool> is_refused = false;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start() || !side.receive()) return;
        is_busy = true;
        eventually([&] { return is_refused.load(); }, kPatience / 2);
        side.answer(Reply::Done, Bytes(256));
      },
      with);
  // It may take longer to start.
  std::jthread busy(
      [&] { EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); })); });
  while (!is_busy)
    std::this_thread::sleep_for(1ms);
  auto refused = signature_of(scene);
  is_refused = true;
  // Which says nothing of the token.
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(refused.error().message(), HasSubstr("no token worker became free"));
}

TEST(WorkerPoolTest, WhereThereAreSeveralOneIsKeptForShortCommands) {
  auto with = settings();
  with.workers = 2;
  with.token.patience = 500ms;
  std::atomic<int> long_ones = 0;
  std::atomic<bool> may_end = false;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start()) return;
        while (side.receive()) {
          if (side.kind() == Operation::Generate) {
            ++long_ones;
            eventually([&] { return may_end.load(); }, kPatience / 2);
            side.answer(Reply::Failed, Error(Status::PsaErrorNotSupported, "slow"));
          } else if (side.kind() == Operation::Materials) {
            side.answer(Reply::Done, std::uint32_t{0});
          } else {
            side.answer(Reply::Done, Bytes(256));
          }
        }
      },
      with);
  auto generate = [&] {
    return scene.provider->keys()->generate(
        testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kRsaSha256), {});
  };
  // Workers may take longer to start than anybody waits.
  EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); }));
  std::jthread slow([&] { EXPECT_THAT(generate(), FailsWith(Status::PsaErrorNotSupported)); });
  while (long_ones == 0)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(generate(), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_EQ(long_ones, 1);
  EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); }));
  may_end = true;
  // Of what needs no primes, and is among the short ones.
  EXPECT_THAT(scene.provider->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(scene.provider->inventory()->materials(), IsOk());
}

TEST(WorkerPoolTest, NobodyWaitsForAStartLongerThanHisPatience) {
  auto with = settings();
  with.token.patience = 100ms;
  std::atomic<bool> is_refused = false;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.receive()) return;
        eventually([&] { return is_refused.load(); }, kPatience / 2);
        side.answer(Reply::Done,
                    Started{.token = {.label = "keys", .serial = "1"}, .missing_confinement = {}});
        while (side.receive())
          side.answer(Reply::Done, Bytes(256));
      },
      with);
  auto refused = signature_of(scene);
  is_refused = true;
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("no token worker has started within 100 ms"));
  EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); }));
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(WorkerPoolTest, AStartUnderWayEndsWithItsProvider) {
  std::atomic<bool> has_begun = false;
  auto with = settings();
  with.token.patience = 100ms;
  Scene scene(
      [&](WorkerSide& side, int) {
        has_begun = side.receive();
        std::ignore = side.receive();
      },
      with);
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  while (!has_begun)
    std::this_thread::sleep_for(1ms);
  const auto begun = Link::Clock::now();
  scene.provider.reset();
  EXPECT_LT(Link::Clock::now() - begun, kPatience / 2);
}

void come_back_with_a_pause(ScriptedWorkers::Script that_are_lost) {
  Scene scene(std::move(that_are_lost));
  const auto begun = Link::Clock::now();
  EXPECT_TRUE(eventually([&] {
    EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
    return scene.workers->started() >= 3;
  }));
  // Each pause is twice as long as the one before.
  EXPECT_GE(Link::Clock::now() - begun, 300ms);
}

TEST(WorkerPoolTest, WorkersThatAreLostWithoutHavingServedComeBackWithAPause) {
  come_back_with_a_pause(
      [](WorkerSide& side, int) { std::ignore = side.start() && side.receive(); });
}

TEST(WorkerPoolTest, WorkersThatAreLostRightAfterTheirStartComeBackWithAPause) {
  come_back_with_a_pause([](WorkerSide& side, int) { std::ignore = side.start(); });
}

// The look finds out; the next one has another worker, whose module begins anew.
TEST(WorkerPoolTest, WorkersWhoseTokenIsNotThereAreReplaced) {
  Scene scene([](WorkerSide& side, int number) {
    if (!side.start()) return;
    while (side.receive())
      if (number == 0)
        side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "C_Initialize: 0x5"));
      else
        side.answer(Reply::Done, pkcs11::TokenIdentity{.label = "keys", .serial = "1"});
  });
  EXPECT_THAT(scene.provider->identity(), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(scene.provider->identity(), IsOk());
  EXPECT_EQ(scene.workers->started(), 2);
}

// Whoever tells of changes tells of none then.
TEST(WorkerPoolTest, AWorkerThatBeginsSaysOfATokenThatIsAwayWhatOneSaysThatRuns) {
  const Error away(Status::PsaErrorHardwareFailure, "token 'keys' is not there; present: none");
  Scene scene([&](WorkerSide& side, int number) {
    if (number == 0 ? !side.start() : !side.receive()) return;
    if (number == 0 && !side.receive()) return;
    side.answer(Reply::Failed, away);
    std::ignore = side.receive();
  });
  for (int worker = 0; worker < 2; ++worker) {
    auto found = scene.provider->identity();
    ASSERT_THAT(found, FailsWith(Status::PsaErrorHardwareFailure));
    EXPECT_EQ(found.error().message(), away.message());
  }
  EXPECT_EQ(scene.workers->started(), 2);
}

int times_in(const std::string& text, const std::string& words) {
  int times = 0;
  for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1))
    ++times;
  return times;
}

// As is done with one that has not seen its token yet.
TEST(WorkerPoolTest, WhyNoWorkerStartsIsToldOnceWhateverPoolFindsIt) {
  const auto with = settings();
  std::string why = "no such token";
  const auto find = [&](bool is_there) {
    Scene scene(
        [&, is_there](WorkerSide& side, int) {
          if (is_there && side.start()) std::ignore = side.receive();
          if (is_there) return;
          if (side.receive())
            side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, why));
        },
        with);
    EXPECT_FALSE(scene.provider->identity().has_value());
  };
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i)
    find(false);
  why = "no such module";
  for (int i = 0; i < 2; ++i)
    find(false);
  find(true);
  find(false);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(times_in(log, "gets no token worker: no such token"), 1) << log;
  EXPECT_EQ(times_in(log, "gets no token worker: no such module"), 2) << log;
}

TEST(WorkerPoolTest, OfAWorkerThatIsLostBeforeItHasBegunItIsToldThatItWasToStart) {
  Scene scene([](WorkerSide& side, int) { std::ignore = side.receive(); });
  auto lost = scene.provider->identity();
  ASSERT_THAT(lost, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(lost.error().message(), ::testing::StartsWith("starting a token worker: "));
}

TEST(WorkerPoolTest, WorkersWhoseTokenHasNoSessionLeftAreKept) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start()) return;
    for (bool is_first = true; side.receive(); is_first = false)
      if (is_first)
        side.answer(Reply::Failed, Error(Status::PsaErrorInsufficientMemory, "no session"));
      else
        side.answer(Reply::Done, pkcs11::TokenIdentity{.label = "keys", .serial = "1"});
  });
  EXPECT_THAT(scene.provider->identity(), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(scene.provider->identity(), IsOk());
  EXPECT_EQ(scene.workers->started(), 1);
}

}  // namespace
}  // namespace strongroom::token_worker
