// Workers that answer what they should not.
#include <gtest/gtest.h>

#include "providers/token_worker/worker_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/matchers.h"
#include "tests/support/stored_key.h"
#include "tests/support/token_worker/scripted_workers.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::ScriptedWorkers;
using testing::WorkerSide;

WorkerSettings settings() {
  WorkerSettings settings;
  settings.token.uri = "pkcs11:token=keys?module-path=/usr/lib/module.so";
  settings.token.login.pin = [] { return SecretBuffer::copy_of(view_of("1234")); };
  settings.workers = 1;
  settings.limits = {.start = 2'000ms, .request = 300ms, .generation = 600ms};
  return settings;
}

struct Scene {
  explicit Scene(ScriptedWorkers::Script script, WorkerSettings with = settings())
      : workers(std::make_shared<ScriptedWorkers>(std::move(script))),
        provider(*WorkerProvider::create("token", std::move(with), workers)) {}

  std::shared_ptr<ScriptedWorkers> workers;
  std::unique_ptr<WorkerProvider> provider;
};

constexpr psa::AsymmetricSignature kRsaSha256{.kind = psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                              .hash = psa::Hash::Sha256};

// What software does not look into: a signature of its length.
KeyRecord some_key() {
  KeyRecord key{};
  key.attributes = testing::key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kRsaSha256);
  return key;
}

Result<Bytes> signature_of(Scene& scene) {
  return scene.provider->signer()->sign_hash(some_key(), kRsaSha256, Bytes(32));
}

// Answers as `answer` does the first time, and well afterwards.
ScriptedWorkers::Script once(std::function<void(WorkerSide&)> answer) {
  return [answer](WorkerSide& side, int number) {
    if (!side.start()) return;
    while (side.receive()) {
      if (number == 0)
        answer(side);
      else
        side.answer(Reply::Done, Bytes(256, std::byte{1}));
    }
  };
}

// The request fails, the worker is ended, and the next request has another.
void expect_replaced(std::function<void(WorkerSide&)> answer) {
  Scene scene(once(std::move(answer)));
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_EQ(scene.workers->killed(), 1);
  std::this_thread::sleep_for(150ms);
  EXPECT_THAT(signature_of(scene), IsOk());
  EXPECT_EQ(scene.workers->started(), 2);
}

TEST(AnswersTest, AnAnswerOfAnUnknownKindEndsTheWorker) {
  expect_replaced([](WorkerSide& side) { side.answer(static_cast<Reply>(77), Bytes(256)); });
}

TEST(AnswersTest, ATooShortAnswerEndsTheWorker) {
  expect_replaced([](WorkerSide& side) { side.answer(Reply::Done, std::uint16_t{1}); });
}

TEST(AnswersTest, ATooLongAnswerEndsTheWorker) {
  expect_replaced([](WorkerSide& side) { side.answer(Reply::Done, Bytes(256), Bytes(1)); });
}

TEST(AnswersTest, AnAnswerBeyondTheLimitEndsTheWorker) {
  expect_replaced([](WorkerSide& side) { side.answer(Reply::Done, Bytes(2'000'000)); });
}

TEST(AnswersTest, AFailureWithoutAStatusEndsTheWorker) {
  expect_replaced(
      [](WorkerSide& side) { side.answer(Reply::Failed, std::uint16_t{0}, std::string()); });
}

TEST(AnswersTest, AWorkerThatDoesNotAnswerInTimeIsEnded) {
  expect_replaced([](WorkerSide&) {});
}

TEST(AnswersTest, AWorkerThatTellsOfMoreThanItWasAskedIsEnded) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive()) {
      side.answer(Reply::Done, Bytes(256));
      side.answer(Reply::Done, Bytes(256));
    }
  });
  std::ignore = signature_of(scene);
  std::this_thread::sleep_for(150ms);
  std::ignore = signature_of(scene);
  EXPECT_EQ(scene.workers->started(), 2);
  EXPECT_GE(scene.workers->killed(), 1);
}

TEST(AnswersTest, AFailureIsPassedOnAndTheWorkerGoesOn) {
  Scene scene(once([](WorkerSide& side) {
    side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "C_Sign: 0x30"));
  }));
  for (int i = 0; i < 3; ++i) {
    auto signature = signature_of(scene);
    ASSERT_THAT(signature, FailsWith(Status::PsaErrorHardwareFailure));
    EXPECT_THAT(signature.error().message(), HasSubstr("C_Sign"));
  }
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(AnswersTest, AKeyThatWasNotAskedForIsNone) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive()) {
      NewKey key{.attributes = testing::key_of(psa::KeyType::Kind::Aes, 128, psa::Cipher::Ctr),
                 .material = {},
                 .public_key = {}};
      side.answer(Reply::Done, key);
    }
  });
  EXPECT_THAT(scene.provider->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST(AnswersTest, FewerRandomBytesThanAskedForAreNone) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive())
      side.answer(Reply::Done, Bytes(15));
  });
  EXPECT_THAT(scene.provider->random()->generate(16),
              FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST(AnswersTest, ARequestThatIsTooLongReachesNoWorkerAndCostsNone) {
  Scene scene(once([](WorkerSide& side) { side.answer(Reply::Done, Bytes(256)); }));
  EXPECT_THAT(scene.provider->signer()->sign_message(some_key(), kRsaSha256, Bytes(2'000'000)),
              FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(signature_of(scene), IsOk());
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(AnswersTest, WorkersThatAreLostWithoutHavingServedComeBackWithAPause) {
  Scene scene([](WorkerSide& side, int) { std::ignore = side.start() && side.receive(); });
  const auto end = Link::Clock::now() + 500ms;
  while (Link::Clock::now() < end)
    EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_GE(scene.workers->started(), 2);
  EXPECT_LE(scene.workers->started(), 5);
}

TEST(AnswersTest, WorkersThatAreLostRightAfterTheirStartComeBackWithAPause) {
  Scene scene([](WorkerSide& side, int) { std::ignore = side.start(); });
  const auto end = Link::Clock::now() + 500ms;
  while (Link::Clock::now() < end)
    EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_GE(scene.workers->started(), 2);
  EXPECT_LE(scene.workers->started(), 5);
}

TEST(AnswersTest, AWorkerThatAsksForThePinOnAndOnIsEnded) {
  std::atomic<int> asked = 0;
  auto with = settings();
  with.limits.request = 5'000ms;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start() || !side.receive()) return;
        do {
          ++asked;
          side.answer(Reply::PinWanted);
        } while (side.receive());
      },
      with);
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_LE(asked, 10);
  EXPECT_EQ(scene.workers->killed(), 1);
}

TEST(AnswersTest, AWorkerThatEndsBetweenRequestsCostsNone) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start() || !side.receive()) return;
    side.answer(Reply::Done, Bytes(256));
  });
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(signature_of(scene), IsOk());
    std::this_thread::sleep_for(20ms);
  }
}

TEST(AnswersTest, WhatIsWrongAtItsStartIsToldAndTriedAgain) {
  Scene scene([](WorkerSide& side, int number) {
    if (number == 0) {
      if (side.receive())
        side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "there is no token"));
      return;
    }
    if (!side.start()) return;
    while (side.receive())
      side.answer(Reply::Done, Bytes(256));
  });
  auto first = signature_of(scene);
  ASSERT_THAT(first, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(first.error().message(), HasSubstr("there is no token"));
  std::this_thread::sleep_for(150ms);
  EXPECT_THAT(signature_of(scene), IsOk());
}

// The look finds out; the next one has another worker, whose module begins anew.
TEST(AnswersTest, WorkersWhoseTokenIsNotThereAreReplaced) {
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

TEST(AnswersTest, WorkersWhoseTokenHasNoSessionLeftAreKept) {
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

TEST(AnswersTest, OnlyAsManyWorkersAreStartedAsWorkNeeds) {
  auto with = settings();
  with.workers = 3;
  Scene scene(once([](WorkerSide& side) { side.answer(Reply::Done, Bytes(256)); }), with);
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(signature_of(scene), IsOk());
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(AnswersTest, RequestsAtOnceAreServedByWorkersOfTheirOwn) {
  auto with = settings();
  with.workers = 2;
  with.limits.request = 5'000ms;
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start()) return;
        while (side.receive()) {
          most = std::max<int>(most, ++at_once);
          std::this_thread::sleep_for(20ms);
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

TEST(AnswersTest, WhoWaitsForAWorkerLongerThanHisPatienceFails) {
  auto with = settings();
  with.token.patience = 100ms;
  with.limits.request = 2'000ms;
  Scene scene(
      [](WorkerSide& side, int) {
        if (!side.start() || !side.receive()) return;
        std::this_thread::sleep_for(500ms);
        side.answer(Reply::Done, Bytes(256));
      },
      with);
  std::jthread busy([&] { EXPECT_THAT(signature_of(scene), IsOk()); });
  std::this_thread::sleep_for(100ms);
  auto refused = signature_of(scene);
  // Which says nothing of the token.
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(refused.error().message(), HasSubstr("no token worker became free"));
}

TEST(AnswersTest, WhatAWorkerSaysOfItsConfinementIsOneShortLine) {
  WipedBytes message;
  Writer writer(message);
  put_value(writer,
            Started{.token = {.label = "keys", .serial = "1"},
                    .missing_confinement = "a\nforged line\x1b[2J" + std::string(60'000, 'x')});
  Reader reader(message.view());
  const auto said = take_value(reader, as<Started>).missing_confinement;
  EXPECT_TRUE(reader.is_complete());
  EXPECT_LE(said.size(), 4'096U);
  EXPECT_EQ(said.find_first_of("\n\x1b"), std::string::npos);
}

TEST(AnswersTest, WhereThereAreSeveralOneIsKeptForShortCommands) {
  auto with = settings();
  with.workers = 2;
  with.token.patience = 100ms;
  with.limits.request = 5'000ms;
  with.limits.generation = 5'000ms;
  std::atomic<int> long_ones = 0;
  Scene scene(
      [&](WorkerSide& side, int) {
        if (!side.start()) return;
        while (side.receive()) {
          if (side.kind() == Operation::Generate) {
            ++long_ones;
            std::this_thread::sleep_for(600ms);
            side.answer(Reply::Failed, Error(Status::PsaErrorNotSupported, "slow"));
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
  std::jthread slow([&] { EXPECT_THAT(generate(), FailsWith(Status::PsaErrorNotSupported)); });
  while (long_ones == 0)
    std::this_thread::sleep_for(1ms);
  EXPECT_THAT(generate(), FailsWith(Status::PsaErrorInsufficientMemory));
  EXPECT_EQ(long_ones, 1);
  EXPECT_THAT(signature_of(scene), IsOk());
  // Of what needs no primes, and is among the short ones.
  EXPECT_THAT(scene.provider->keys()->generate(testing::ecc_pair(), {}),
              FailsWith(Status::PsaErrorNotSupported));
  EXPECT_THAT(scene.provider->inventory()->materials(), IsOk());
}

TEST(AnswersTest, NobodyWaitsForAStartLongerThanHisPatience) {
  auto with = settings();
  with.token.patience = 100ms;
  Scene scene(
      [](WorkerSide& side, int) {
        if (!side.receive()) return;
        std::this_thread::sleep_for(500ms);
        side.answer(Reply::Done, Started{.token = {.label = "keys", .serial = "1"},
                                         .missing_confinement = {}});
        while (side.receive())
          side.answer(Reply::Done, Bytes(256));
      },
      with);
  const auto begun = Link::Clock::now();
  auto refused = signature_of(scene);
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("no token worker has started within 100 ms"));
  EXPECT_LT(Link::Clock::now() - begun, 400ms);
  std::this_thread::sleep_for(600ms);
  EXPECT_THAT(signature_of(scene), IsOk());
  EXPECT_EQ(scene.workers->started(), 1);
}

TEST(AnswersTest, AStartUnderWayEndsWithItsProvider) {
  std::atomic<bool> has_begun = false;
  auto with = settings();
  with.token.patience = 100ms;
  with.limits.start = 60s;
  Scene scene(
      [&](WorkerSide& side, int) {
        has_begun = side.receive();
        std::ignore = side.receive();
      },
      with);
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  ASSERT_TRUE(has_begun);
  const auto begun = Link::Clock::now();
  scene.provider.reset();
  EXPECT_LT(Link::Clock::now() - begun, 5s);
}

}  // namespace
}  // namespace strongroom::token_worker
