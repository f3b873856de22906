// Calls that share one kept connection.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;
using ::testing::Eq;
using testing::FailsFrom;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::keep_answering;
using testing::ScriptedService;

Client client_of(const ScriptedService& service, ClientOptions options = {}) {
  options.endpoint = service.socket_path();
  options.provider = ProviderId::Software;
  if (options.timeout == 60s) options.timeout = 30s;
  return Client::open(std::move(options)).value();
}

TEST(KeptConnection, CarriesAllCalls) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 1);
}

TEST(KeptConnection, RequestsAskToBeKeptAndHaveSessionsOfTheirOwn) {
  std::vector<RequestHeader> headers;
  {
    ScriptedService service([&](Conversation& conversation) {
      while (auto request = conversation.next()) {
        headers.push_back(request->header);
        conversation.answer(*request);
      }
    });
    Client client = client_of(service);
    for (int i = 0; i < 3; ++i)
      EXPECT_THAT(client.ping(), IsOk());
  }
  ASSERT_EQ(headers.size(), 3);
  for (const RequestHeader& header : headers) {
    EXPECT_EQ(header.flags, kFlagKeep | kFlagExtended);
    EXPECT_NE(header.session, 0);
  }
  EXPECT_NE(headers[0].session, headers[1].session);
}

TEST(KeptConnection, ClientsMadeFromAClientShareItsConnection) {
  ScriptedService service(keep_answering);
  std::optional<Client> client = client_of(service);
  EXPECT_THAT(client->ping(), IsOk());
  Client other = client->with_provider(ProviderId::Tpm).with_timeout(1s);
  client.reset();
  EXPECT_THAT(other.destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 1);
}

// Reads as many requests as there are threads, then answers the last one first.
TEST(KeptConnection, ThreadsHaveTheirRequestsInFlightTogetherAndGetTheirOwnAnswers) {
  constexpr std::size_t kThreads = 8;
  constexpr int kProofs = 2;
  ScriptedService service([](Conversation& conversation) {
    for (int i = 0; i < kProofs; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    std::vector<Request> requests;
    while (auto request = conversation.next()) {
      requests.push_back(*std::move(request));
      if (requests.size() < kThreads) continue;
      for (; !requests.empty(); requests.pop_back())
        conversation.answer(requests.back());
    }
  });
  Client client = client_of(service);
  for (int i = 0; i < kProofs; ++i)
    ASSERT_THAT(client.ping(), IsOk());
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        Bytes input(10 * i + 1, static_cast<std::byte>(round));
        EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, input), IsOkAndHolds(Eq(input)));
      }
    });
  threads.clear();
  EXPECT_EQ(service.connections(), 1);
}

TEST(KeptConnection, NoMoreThan64RequestsAreInFlight) {
  constexpr int kThreads = 70;
  std::atomic<std::size_t> most = 0;
  std::latch all_started(kThreads);
  {
    ScriptedService service([&](Conversation& conversation) {
      std::vector<Request> requests;
      for (int i = 0; i < 2; ++i)
        if (auto request = conversation.next()) conversation.answer(*request);
      all_started.wait();
      while (auto request = conversation.next()) {
        requests.push_back(*std::move(request));
        if (conversation.anything_within(50ms)) continue;
        most = std::max<std::size_t>(most, requests.size());
        for (; !requests.empty(); requests.pop_back())
          conversation.answer(requests.back());
      }
    });
    Client client = client_of(service);
    EXPECT_THAT(client.ping(), IsOk());
    EXPECT_THAT(client.ping(), IsOk());
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        all_started.count_down();
        EXPECT_THAT(client.ping(), IsOk());
      });
  }
  EXPECT_EQ(most, 64);
}

TEST(KeptConnection, CallWhoseTimeIsUpEndsAloneAndItsAnswerIsDropped) {
  std::optional<Request> late;
  ScriptedService service([&](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    late = conversation.next();
    if (auto request = conversation.next()) {
      conversation.answer(*late);
      conversation.answer(*request);
    }
    keep_answering(conversation);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  ClientResult<> answer = client.with_timeout(30ms).destroy_key("web");
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_TRUE(answer.error().outcome_is_unknown());
  EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, view_of("x")), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(service.connections(), 1);
}

TEST(KeptConnection, OutcomeOfALateRequestThatChangesNothingIsNotUnknown) {
  ScriptedService service([&](Conversation& conversation) {
    while (conversation.next()) {
    }
  });
  Client client = client_of(service, {.timeout = 30ms});
  ClientResult<WireVersion> answer = client.ping();
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_FALSE(answer.error().outcome_is_unknown());
}

TEST(KeptConnection, WaitingCallIsCancelledFromAnotherThread) {
  std::atomic<int> received = 0;
  ScriptedService service([&](Conversation& conversation) {
    while (conversation.next())
      ++received;
  });
  Client client = client_of(service);
  std::stop_source stop;
  std::jthread canceller([&] {
    while (received == 0)
      std::this_thread::sleep_for(1ms);
    stop.request_stop();
  });
  ClientResult<> answer = client.with_cancellation(stop.get_token()).destroy_key("web");
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
  EXPECT_TRUE(answer.error().outcome_is_unknown());
}

TEST(KeptConnection, CallCancelledBeforeItBeganSendsNothing) {
  ScriptedService service(keep_answering);
  std::stop_source stop;
  stop.request_stop();
  Client client = client_of(service).with_cancellation(stop.get_token());
  ClientResult<> answer = client.destroy_key("web");
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
  EXPECT_FALSE(answer.error().outcome_is_unknown());
  EXPECT_EQ(service.connections(), 0);
}

// Followers sleep while a leader polls; ending the leader's call hands the office over.
TEST(KeptConnection, OthersGoOnWhenTheThreadThatPollsForThemIsDone) {
  ScriptedService service([&](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    std::optional<Request> first = conversation.next();
    std::optional<Request> second = conversation.next();
    if (!first || !second) return;
    conversation.answer(*first);
    std::this_thread::sleep_for(20ms);
    conversation.answer(*second);
    keep_answering(conversation);
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] { EXPECT_THAT(client.ping(), IsOk()); });
    std::this_thread::sleep_for(5ms);
  }
}

TEST(KeptConnection, LargeRequestsAndAnswersOfSeveralThreadsPassWhole) {
  ScriptedService service(keep_answering);
  Client client = client_of(service, {.timeout = 50s});
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      Bytes input(300'000 + static_cast<std::size_t>(i), static_cast<std::byte>(i));
      for (int round = 0; round < 3; ++round)
        EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, input), IsOkAndHolds(Eq(input)));
    });
}

TEST(KeptConnection, AnswerLargerThanAllowedFailsAloneAndIsPassedOver) {
  ScriptedService service(keep_answering);
  Client client = client_of(service, {.max_answer_size = 1000});
  EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(1'000'000)),
              FailsFrom(ErrorSource::Answer, Status::ResponseTooLarge));
  EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, Bytes(500)), IsOk());
  EXPECT_EQ(service.connections(), 1);
}

}  // namespace
}  // namespace strongroom
