// Who gets the PIN of workers that ask for it, and what a refusal stops.
#include "tests/unit/token_worker/scene.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

class LoginOfWorkersTest : public ::testing::Test {
 protected:
  WorkerSettings of_two_workers() {
    WorkerSettings with = settings();
    with.token.login.pin = [this] {
      ++asked;
      return SecretBuffer::copy_of(view_of("1234"));
    };
    with.token.login.on_refused = [this] { ++refused; };
    with.workers = 2;
    return with;
  }
  std::unique_ptr<WorkerProvider> provider(ScriptedWorkers::Script script) {
    workers = std::make_shared<ScriptedWorkers>(std::move(script));
    return *WorkerProvider::create("token", of_two_workers(), workers);
  }

  std::shared_ptr<ScriptedWorkers> workers;
  std::atomic<int> asked = 0;
  std::atomic<int> refused = 0;
};

bool gets_pin(WorkerSide& side) {
  side.answer(Reply::PinWanted);
  if (!side.receive() || side.kind() != Operation::Pin) return false;
  Reader reader(side.content());
  return reader.text() == "1234";
}

TEST_F(LoginOfWorkersTest, EachLoginOfAWorkerIsGivenThePinAnew) {
  auto made = provider([](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive())
      side.answer(Reply::Done, Bytes(gets_pin(side) && gets_pin(side) ? 16 : 0));
  });
  EXPECT_THAT(made->random()->generate(16), IsOk());
  EXPECT_THAT(made->random()->generate(16), IsOk());
  EXPECT_EQ(asked, 4);
}

TEST_F(LoginOfWorkersTest, ARefusalIsNotedBeforeTheRequestIsAnswered) {
  auto made = provider([this](WorkerSide& side, int) {
    if (!side.start() || !side.receive() || !gets_pin(side)) return;
    side.answer(Reply::PinRefused);
    if (!side.receive() || side.kind() != Operation::Noted || refused != 1) return;
    side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "C_Login: 0xa0"));
    std::ignore = side.receive();
  });
  auto failed = made->random()->generate(16);
  ASSERT_THAT(failed, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(failed.error().message(), HasSubstr("C_Login"));
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(made->is_login_stopped());
}

TEST_F(LoginOfWorkersTest, AfterARefusalNoWorkerIsStartedOrGivenThePinUntilThatIsAllowed) {
  auto made = provider([](WorkerSide& side, int number) {
    if (!side.start()) return;
    while (side.receive()) {
      if (number == 0 && gets_pin(side)) {
        side.answer(Reply::PinRefused);
        std::ignore = side.receive();
        side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "C_Login: 0xa0"));
      } else {
        side.answer(Reply::Done, Bytes(16));
      }
    }
  });
  EXPECT_FALSE(made->random()->generate(16).has_value());
  auto stopped = made->random()->generate(16);
  ASSERT_THAT(stopped, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_EQ(stopped.error().message(), pkcs11::pin_was_refused().message());
  EXPECT_EQ(workers->started(), 1);
  EXPECT_EQ(asked, 1);
  made->allow_login();
  EXPECT_THAT(made->random()->generate(16), IsOk());
  EXPECT_EQ(workers->started(), 2);
}

TEST_F(LoginOfWorkersTest, OneWorkerAtATimeHasThePin) {
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  auto made = provider([&](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive()) {
      bool is_given = gets_pin(side);
      most = std::max<int>(most, ++at_once);
      std::this_thread::sleep_for(50ms);
      --at_once;
      side.answer(Reply::Done, Bytes(is_given ? 16 : 0));
    }
  });
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i)
      clients.emplace_back([&] { EXPECT_THAT(made->random()->generate(16), IsOk()); });
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(asked, 4);
}

TEST_F(LoginOfWorkersTest, AWorkerIsToldThatALoginIsAllowedAnewOnce) {
  std::vector<bool> told;
  auto made = provider([&](WorkerSide& side, int) {
    if (!side.receive()) return;
    Reader reader(side.content());
    told.push_back(take_value(reader, as<Start>).is_login_allowed);
    side.answer(Reply::Done,
                Started{.token = {.label = "keys", .serial = "1"}, .missing_confinement = {}});
    if (side.receive()) side.answer(Reply::Done, Bytes(16));
  });
  EXPECT_THAT(made->random()->generate(16), IsOk());
  made->allow_login();
  EXPECT_THAT(made->random()->generate(16), IsOk());
  EXPECT_TRUE(eventually([&] { return workers->ended() == 2; }));
  EXPECT_THAT(made->random()->generate(16), IsOk());
  EXPECT_EQ(told, (std::vector<bool>{false, true, false}));
}

TEST_F(LoginOfWorkersTest, WhatWasAllowedAnewEndsWithTheAttemptWhateverBecomesOfIt) {
  std::vector<bool> told;
  auto made = provider([&](WorkerSide& side, int) {
    if (!side.receive()) return;
    Reader reader(side.content());
    told.push_back(take_value(reader, as<Start>).is_login_allowed);
    std::ignore = gets_pin(side);  // and is lost
  });
  made->allow_login();
  EXPECT_TRUE(eventually([&] {
    EXPECT_FALSE(made->random()->generate(16).has_value());
    return workers->started() == 2;
  }));
  EXPECT_EQ(told, (std::vector<bool>{true, false}));
}

TEST_F(LoginOfWorkersTest, WhatCameOfThePinIsToldAndThatItIsNotKnown) {
  using Verdict = LoginGate::Verdict;
  std::vector<Verdict> verdicts;
  auto with = of_two_workers();
  with.token.login.on_verdict = [&](Verdict verdict) { verdicts.push_back(verdict); };
  workers = std::make_shared<ScriptedWorkers>([](WorkerSide& side, int) {
    if (!side.start()) return;
    for (int i = 0; side.receive(); ++i) {
      if (!gets_pin(side) || i == 3) return;
      if (i == 1) {
        side.answer(Reply::PinUnclear);
        if (!side.receive() || side.kind() != Operation::Noted) return;
      }
      if (i == 0)
        side.answer(Reply::Done, Bytes(16));
      else
        side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "C_Login: 0x30"));
    }
  });
  auto made = *WorkerProvider::create("token", std::move(with), workers);
  for (int i = 0; i < 4; ++i)
    std::ignore = made->random()->generate(16);
  EXPECT_EQ(verdicts, (std::vector{Verdict::Accepted, Verdict::Unclear, Verdict::NotTried,
                                   Verdict::Unclear}));
}

TEST_F(LoginOfWorkersTest, TheFirstTokenIsTheOneThatFurtherWorkersAreToFind) {
  std::vector<bool> told;
  auto made = provider([&](WorkerSide& side, int) {
    if (!side.receive()) return;
    Reader reader(side.content());
    auto start = take_value(reader, as<Start>);
    told.push_back(start.remembered.has_value() && start.remembered->label == "keys");
    side.answer(Reply::Done,
                Started{.token = {.label = "keys", .serial = "1"}, .missing_confinement = {}});
    if (side.receive()) side.answer(Reply::Done, Bytes(16));
  });
  for (int i = 1; i <= 2; ++i) {
    EXPECT_THAT(made->random()->generate(16), IsOk());
    EXPECT_TRUE(eventually([&] { return workers->ended() == i; }));
  }
  EXPECT_EQ(told, (std::vector<bool>{false, true}));
}

TEST_F(LoginOfWorkersTest, WhenTheServiceStopsNobodyWaitsForAWorker) {
  std::atomic<int> unanswered = 0;
  auto made = provider([&](WorkerSide& side, int number) {
    if (number == 0 && !side.start()) return;
    while (side.receive())
      ++unanswered;
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] { EXPECT_FALSE(made->random()->generate(16).has_value()); });
  // One serves, and the other starts.
  EXPECT_TRUE(eventually([&] { return unanswered == 2; }));
  const auto begun = Link::Clock::now();
  made->close();
  EXPECT_THAT(made->random()->generate(16), FailsWith(Status::ConnectionError));
  EXPECT_EQ(workers->killed(), 2);
  clients.clear();
  EXPECT_LT(Link::Clock::now() - begun, kPatience / 2);
}

}  // namespace
}  // namespace strongroom::token_worker
