// Workers that answer what they should not.
#include "tests/unit/token_worker/scene.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

// The request fails, the worker is ended, and the next request has another.
void expect_replaced(std::function<void(WorkerSide&)> answer, WorkerSettings with = settings()) {
  Scene scene(once(std::move(answer)), std::move(with));
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_EQ(scene.workers->killed(), 1);
  EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); }));
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
  auto with = settings();
  with.limits.request = 2s;
  expect_replaced([](WorkerSide&) {}, with);
}

TEST(AnswersTest, AWorkerThatTellsOfMoreThanItWasAskedIsEnded) {
  std::atomic<bool> has_told = false;
  Scene scene([&](WorkerSide& side, int) {
    if (!side.start()) return;
    while (side.receive()) {
      side.answer(Reply::Done, Bytes(256));
      side.answer(Reply::Done, Bytes(256));
      has_told = true;
    }
  });
  std::ignore = signature_of(scene);
  EXPECT_TRUE(eventually([&] { return has_told.load(); }));
  EXPECT_TRUE(eventually([&] {
    std::ignore = signature_of(scene);
    return scene.workers->started() == 2;
  }));
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

TEST(AnswersTest, AWorkerThatAsksForThePinOnAndOnIsEnded) {
  std::atomic<int> asked = 0;
  Scene scene([&](WorkerSide& side, int) {
    if (!side.start() || !side.receive()) return;
    do {
      ++asked;
      side.answer(Reply::PinWanted);
    } while (side.receive());
  });
  EXPECT_THAT(signature_of(scene), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_LE(asked, 10);
  EXPECT_EQ(scene.workers->killed(), 1);
}

TEST(AnswersTest, AWorkerThatEndsBetweenRequestsCostsNone) {
  Scene scene([](WorkerSide& side, int) {
    if (!side.start() || !side.receive()) return;
    side.answer(Reply::Done, Bytes(256));
  });
  for (int i = 1; i <= 5; ++i) {
    EXPECT_THAT(signature_of(scene), IsOk());
    EXPECT_TRUE(eventually([&] { return scene.workers->ended() == i; }));
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
  EXPECT_TRUE(eventually([&] { return signature_of(scene).has_value(); }));
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

}  // namespace
}  // namespace strongroom::token_worker
